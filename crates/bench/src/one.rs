//! One kind of load by itself, for as long as a profiler wants to look at it.

use std::time::Duration;

use clap::ValueEnum;

use crate::load::{self, Sample};
use crate::process::Binary;
use crate::world::{Scene, World};
use crate::{Result, note, provider};

const CONNECTIONS: usize = 32;
const BROWSERS: usize = 8;

/// A load.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Load {
    /// `/healthz`
    Floor,
    /// `GET sessions`
    List,
    /// `sessions/authenticate` by token
    Authenticate,
    /// Sign-ins with OpenID Connect
    Oidc,
    /// Sign-ins with SAML
    Saml,
}

/// Drives a server that was just started, and says what each request or sign-in cost it.
pub(crate) async fn drive(binary: &Binary, load: Load, window: Duration, scene: &Scene) -> Result<String> {
    let provider = provider::serve(scene.users()).await?;
    let data_dir = binary.scratch()?;
    let world = World::build(binary.start(data_dir.path()).await?, &provider, scene).await?;
    note(&format!("driving process {}", world.server.process.id()));
    let sample = driven(&world, load, window).await?;
    world.server.stop().await?;
    Ok(format!("{load:?}: {:.4} server cpu ms each, {:.0} 1/s\n", sample.cpu_millis(), sample.rate()))
}

async fn driven(world: &World, load: Load, window: Duration) -> Result<Sample> {
    let server = &world.server;
    match load {
        Load::Floor => load::requests(server, CONNECTIONS, window, &world.floor).await,
        Load::List => load::requests(server, CONNECTIONS, window, &world.list).await,
        Load::Authenticate => load::requests(server, CONNECTIONS, window, &world.authenticate).await,
        Load::Oidc => load::sign_ins(server, &world.doors, BROWSERS, window, &world.people).await,
        Load::Saml => load::sign_ins(server, &world.doors, BROWSERS, window, &world.saml_people).await,
    }
}
