//! What a handler takes out of a request, by its extractors: an endpoint's entry in the list knows it without being told.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, Request, State};
use http::{HeaderMap, Method, Uri};
use serde::de::DeserializeOwned;

use super::ctx::Ctx;
use super::input::{Input, InputPair, Params, Path};
use super::shape::Shape;
use crate::world::App;

/// What an endpoint takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The parameters of the query.
    pub query: Option<Shape>,
    /// The JSON body.
    pub body: Option<Shape>,
}

/// An extractor, or all those of a handler.
pub trait Takes {
    /// Adds what it takes.
    fn takes(_: &mut Taken) {}
}

impl<T: DeserializeOwned> Takes for Input<T> {
    fn takes(taken: &mut Taken) {
        taken.body = Some(Shape::of::<T>().unwrap_or(Shape::Anything));
    }
}

impl<A: DeserializeOwned, B: DeserializeOwned> Takes for InputPair<A, B> {
    fn takes(taken: &mut Taken) {
        taken.body = Some(Self::shape().unwrap_or(Shape::Anything));
    }
}

impl<T: DeserializeOwned> Takes for Params<T> {
    fn takes(taken: &mut Taken) {
        taken.query = Some(Shape::of::<T>().unwrap_or(Shape::Anything));
    }
}

impl Takes for State<Arc<App>> {}
impl Takes for Ctx {}
impl<T> Takes for Path<T> {}
impl Takes for RawQuery {}
impl Takes for HeaderMap {}
impl Takes for Bytes {}
impl Takes for Method {}
impl Takes for Uri {}
impl Takes for Request {}

/// A handler's extractors, behind the marker by which axum tells handlers apart.
macro_rules! all {
    ($($extractor:ident)*) => {
        impl<M, $($extractor: Takes),*> Takes for (M, $($extractor,)*) {
            fn takes(_taken: &mut Taken) {
                $($extractor::takes(_taken);)*
            }
        }
    };
}

all! {}
all! { A }
all! { A B }
all! { A B C }
all! { A B C D }
all! { A B C D E }
all! { A B C D E F }
all! { A B C D E F G }
