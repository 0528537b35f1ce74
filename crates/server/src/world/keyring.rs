//! The keys that sign session tokens: one active key a project, made with it, parsed once
//! and kept for a while.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use vestibule_domain::connection::FormerClient;
use vestibule_domain::entropy::Entropy;
use vestibule_domain::id::{ProjectId, SigningKeyId};
use vestibule_domain::project::{self, Project};
use vestibule_domain::secret::Secret;
use vestibule_domain::time::{Span, Time};
use vestibule_oidc::client_auth::FormerClientKey;
use vestibule_oidc::jose::{JwkSet, PublicJwk, SignError, SigningAlgorithm, SigningKey};
use vestibule_store::tables::keys;

use crate::failure::Failure;
use crate::world::App;

/// How long loaded keys are used before the store is asked again: the longest that a rotation takes to arrive here.
/// [`project::PUBLISHED_AHEAD`] is twice as long, so that no node signs with what another does not know.
const FRESH: Span = Span::seconds(60);
/// Projects whose keys are kept; beyond it all are dropped and loaded again as needed.
const MOST_PROJECTS: usize = 4096;

/// Keys of projects, by need.
#[derive(Default)]
pub struct Keyring {
    projects: RwLock<HashMap<ProjectId, Arc<ProjectKeys>>>,
}

/// The keys of one project.
pub struct ProjectKeys {
    /// The key that signs.
    pub active: SessionKey,
    /// What is published: the active key and those that tokens still alive may be signed with.
    pub published: Vec<PublicJwk>,
    /// The published keys, ready to verify with.
    pub verifying: JwkSet,
    loaded_at: Time,
}

/// A key that signs tokens of a project and nothing else. There are two kinds, each by a function of its own, and no other way
/// to it: sessions, and what applications are given (ADR 43). Issuer and audience tell the two apart.
pub struct SessionKey(SigningKey);

/// The claims of a session token. What a tenant writes is only ever a part of them.
pub trait SessionClaims: Serialize {}

/// The claims of a token that is given to an application, or to an API by way of it.
pub trait ApplicationClaims: Serialize {}

impl SessionKey {
    /// Signs a token for an application.
    ///
    /// # Errors
    /// The cryptography library failed.
    pub fn sign_for_application<C: ApplicationClaims>(&self, claims: &C) -> Result<String, SignError> {
        self.0.sign(claims)
    }

    /// Signs the token of a session.
    ///
    /// # Errors
    /// The cryptography library failed.
    pub fn sign<C: SessionClaims>(&self, claims: &C) -> Result<String, SignError> {
        self.0.sign(claims)
    }
}

impl Keyring {
    /// The keys of a project, made on first use.
    ///
    /// # Errors
    /// The store's, or a stored key that cannot be read.
    pub async fn keys(&self, app: &App, project: &Project, now: Time) -> Result<Arc<ProjectKeys>, Failure> {
        match self.fresh(project.id, app.clock.steady()) {
            Some(keys) => Ok(keys),
            // Apart: what is done once a while takes no room in those who ask.
            None => Box::pin(self.load(app, project, now)).await,
        }
    }

    async fn load(&self, app: &App, project: &Project, now: Time) -> Result<Arc<ProjectKeys>, Failure> {
        let seen = app.clock.steady();
        let mut stored = app.store.signing_keys(&app.vault, project.id).await?;
        if !stored.iter().any(|key| key.retired_at.is_none()) {
            make(app, project, now).await?;
            stored = app.store.signing_keys(&app.vault, project.id).await?;
        }
        let keys = Arc::new(ProjectKeys::read(&stored, now, seen)?);
        self.keep(project.id, keys.clone());
        Ok(keys)
    }

    /// The key that signed for a client before connections had keys of their own, bound to that client: the key that signs
    /// the project's sessions, as then. It is rotated with it.
    ///
    /// # Errors
    /// As for [`Keyring::keys`].
    pub(crate) async fn former_client_key(
        &self,
        app: &App,
        project: &Project,
        client: &FormerClient,
        now: Time,
    ) -> Result<FormerClientKey, Failure> {
        self.keys(app, project, now).await?;
        let stored = app.store.signing_keys(&app.vault, project.id).await?;
        let signs = project::signer(
            stored.iter().filter(|key| !key.is_over(now)).map(project::SigningKey::standing),
            now,
        );
        let key =
            stored.iter().find(|key| Some(key.id) == signs).ok_or_else(|| unusable("none is active"))?;
        let key = parse(key).map_err(|why| unusable(&why))?;
        Ok(FormerClientKey::new(key, client.client_id.clone(), client.issuer.clone()))
    }

    fn fresh(&self, project: ProjectId, now: Time) -> Option<Arc<ProjectKeys>> {
        let projects = self.projects.read().ok()?;
        projects.get(&project).filter(|keys| now < keys.loaded_at.plus(FRESH)).cloned()
    }

    /// Loads the keys of a project anew when they are needed next: they were changed here.
    pub(crate) fn forget(&self, project: ProjectId) {
        if let Ok(mut projects) = self.projects.write() {
            projects.remove(&project);
        }
    }

    fn keep(&self, project: ProjectId, keys: Arc<ProjectKeys>) {
        let Ok(mut projects) = self.projects.write() else { return };
        if projects.len() >= MOST_PROJECTS && !projects.contains_key(&project) {
            projects.clear();
        }
        projects.insert(project, keys);
    }
}

impl ProjectKeys {
    fn read(stored: &[project::SigningKey], now: Time, seen: Time) -> Result<Self, Failure> {
        #[derive(Serialize)]
        struct Published<'a> {
            keys: &'a [PublicJwk],
        }
        let mut usable = Vec::with_capacity(stored.len());
        for key in stored.iter().filter(|key| !key.is_over(now)) {
            match parse(key) {
                Ok(parsed) => usable.push((key, parsed)),
                // It signs nothing: all that is lost is that old tokens are known for ours.
                Err(why) if key.retired_at.is_some() => {
                    tracing::warn!(project = %key.project_id, key = %key.id, why, "a retired signing key cannot be used and is left out");
                }
                Err(why) => return Err(unusable(&why)),
            }
        }
        let signs = project::signer(usable.iter().map(|(key, _)| key.standing()), now);
        let published: Vec<_> = usable.iter().map(|(_, parsed)| parsed.public_jwk().clone()).collect();
        let active = usable.into_iter().find(|(key, _)| Some(key.id) == signs);
        let (_, active) = active.ok_or_else(|| unusable("none is active"))?;
        let document = serde_json::to_vec(&Published { keys: &published })
            .map_err(|error| unusable(&error.to_string()))?;
        let verifying = JwkSet::parse(&document).map_err(|error| unusable(&error.to_string()))?;
        Ok(Self { active: SessionKey(active), published, verifying, loaded_at: seen })
    }
}

fn parse(key: &project::SigningKey) -> Result<SigningKey, String> {
    let pkcs8 = STANDARD.decode(key.private_key.expose()).map_err(|error| error.to_string())?;
    SigningKey::from_pkcs8(&pkcs8, SigningAlgorithm::Rs256, &key.id.to_string())
        .map_err(|error| error.to_string())
}

fn unusable(why: &str) -> Failure {
    Failure::Internal(format!("a stored signing key cannot be used: {why}"))
}

/// Makes the first key of a project that was made before projects came with one. Of nodes that do so at once one is first,
/// and all use its key.
async fn make(app: &App, project: &Project, now: Time) -> Result<(), Failure> {
    let key = new_key(project, now, app.entropy.as_ref()).await?;
    match app.store.commit([keys::insert(&key, &app.vault, app.entropy.as_ref())?]).await {
        Err(error) if error.is_unique(keys::ACTIVE) => Ok(()),
        kept => Ok(kept?),
    }
}

/// A new key, not kept yet.
///
/// # Errors
/// When the cryptography library cannot make one.
pub(crate) async fn new_key(
    project: &Project,
    now: Time,
    entropy: &dyn Entropy,
) -> Result<project::SigningKey, Failure> {
    let private_key = new_private_key().await?;
    let id = SigningKeyId::generate(project.environment(), entropy);
    Ok(project::SigningKey { id, project_id: project.id, private_key, created_at: now, retired_at: None })
}

/// A new RSA key as PKCS#8 in Base64. It takes the better part of a second of computing, which happens aside.
///
/// # Errors
/// When the cryptography library cannot make one.
pub(crate) async fn new_private_key() -> Result<Secret, Failure> {
    tokio::task::spawn_blocking(generate_rsa).await.map_err(|error| Failure::Internal(error.to_string()))?
}

/// A new RSA key. It takes a processor for a good part of a second.
///
/// # Errors
/// The cryptography library's.
pub(crate) fn generate_rsa() -> Result<Secret, Failure> {
    let failed = |_| Failure::Internal("an RSA key could not be made".to_owned());
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).map_err(failed)?;
    Ok(Secret::new(STANDARD.encode(der.as_ref())))
}
