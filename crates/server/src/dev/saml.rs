//! The second sample company and its SAML connection. It needs three RSA keys on a first start (the provider's, and two of the
//! connection), which take longer than everything else here together: they are made after the server serves, and
//! whoever wants to sign in by SAML before that waits.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use vestibule_domain::Patch;
use vestibule_domain::connection::{Connection, ProviderLabel, SamlPatch, SamlSettings};
use vestibule_domain::id::{ConnectionId, OrganizationId};
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::ChangeConnection;
use vestibule_domain::secret::Secret;
use vestibule_domain::tenant::Tenant;
use vestibule_saml::key::{Certificate, RsaPrivateKey};
use vestibule_testidp::{ServiceProvider, TestIdp};

use super::provider;
use super::setup::{self, Credentials, PRODUCT, failed, grant_in, own_ctx};
use crate::cli::CliError;
use crate::cli::serve::refused;
use crate::operations::connections::saml::{self, SuppliedMaterial};
use crate::world::App;

/// A connection, and whose it is.
#[derive(Clone, Copy)]
pub(super) struct Made {
    pub(super) organization_id: OrganizationId,
    pub(super) connection_id: ConnectionId,
}

/// The connection, prepared once by whoever asks first.
pub(super) struct SamlSample {
    app: Arc<App>,
    idp: TestIdp,
    data_dir: PathBuf,
    credentials: Credentials,
    made: OnceCell<Made>,
}

impl SamlSample {
    pub(super) fn new(app: &Arc<App>, idp: &TestIdp, data_dir: PathBuf, credentials: &Credentials) -> Self {
        let (app, idp, credentials) = (app.clone(), idp.clone(), credentials.clone());
        Self { app, idp, data_dir, credentials, made: OnceCell::new() }
    }

    /// The connection; makes it, or points it at this start's address, when that has not been done.
    ///
    /// # Errors
    /// A file that cannot be written, and what the operations refuse.
    pub(super) async fn connection(&self) -> Result<ConnectionId, CliError> {
        let made = self.made.get_or_try_init(|| self.prepare()).await?;
        Ok(made.connection_id)
    }

    /// The connection, if it is prepared.
    pub(super) fn ready(&self) -> Option<Made> {
        self.made.get().copied()
    }

    /// The provider.
    pub(super) fn idp(&self) -> &TestIdp {
        &self.idp
    }

    async fn prepare(&self) -> Result<Made, CliError> {
        let (idp, data_dir) = (self.idp.clone(), self.data_dir.clone());
        spawn_blocking(move || provider::keep_key(&idp, &data_dir)).await.map_err(refused)??;
        let project = setup::project(&self.app, &self.credentials).await?;
        let connection = match self.known(&project).await? {
            Some(known) => known,
            None => self.first(&project).await?,
        };
        let grant = grant_in(&self.app, &project, connection.organization_id).await?;
        let connection = self.pointed_at_provider(&grant, connection).await?;
        if let Some(settings) = connection.saml() {
            self.introduce(connection.id, settings);
        }
        Ok(Made { organization_id: connection.organization_id, connection_id: connection.id })
    }

    async fn known(&self, project: &Project) -> Result<Option<Connection>, CliError> {
        let Some(id) = self.credentials.saml_connection_id else { return Ok(None) };
        let organization = self.credentials.saml_organization_id.unwrap_or(self.credentials.organization_id);
        let tenant = Tenant::stored(project.id, organization);
        Ok(self.app.store.connection_of(&self.app.vault, tenant, id).await?)
    }

    async fn first(&self, project: &Project) -> Result<Connection, CliError> {
        let (app, ctx) = (self.app.as_ref(), own_ctx(&self.app));
        let slug = "second-sample-company";
        let organization = match app.store.organization(project.id, slug).await? {
            // A first start that ended before its connection was kept.
            Some(organization) => organization.id,
            None => setup::company(app, project, "Second Sample Company", slug).await?,
        };
        let grant = grant_in(app, project, organization).await?;
        let (name, label) = ("Built-in test provider (SAML)", ProviderLabel::Generic);
        let made = saml::create(app, &ctx, &grant, name, label).await.map_err(failed)?;
        let credentials = Credentials {
            saml_connection_id: Some(made.id),
            saml_organization_id: Some(organization),
            ..self.credentials.clone()
        };
        setup::keep(&self.data_dir, &credentials)?;
        Ok(made)
    }

    async fn pointed_at_provider(
        &self,
        grant: &Grant<ChangeConnection>,
        connection: Connection,
    ) -> Result<Connection, CliError> {
        let entity_id = self.idp.saml().entity_id();
        let Some(settings) = connection.saml() else { return Ok(connection) };
        if settings.idp_entity_id == entity_id && settings.ready().is_ok() {
            return Ok(connection);
        }
        let patch = SamlPatch {
            idp_entity_id: Patch::Set(entity_id.to_owned()),
            idp_sso_url: Patch::Set(self.idp.saml().sso_url().to_owned()),
            ..SamlPatch::default()
        };
        let encryption_key = match settings.encryption_keys.is_empty() {
            true => Some(new_private_key().await?),
            false => None,
        };
        let certificates = Some(self.idp.saml().key().map_err(refused)?.certificate_pem());
        let supplied = SuppliedMaterial { certificates, encryption_key, ..SuppliedMaterial::default() };
        let (app, ctx) = (self.app.as_ref(), own_ctx(&self.app));
        let updated = saml::update(app, &ctx, grant, connection.id, patch, supplied).await;
        updated.map(|updated| updated.connection).map_err(failed)
    }

    /// Tells the provider where its answers go, for sign-ins that begin there.
    fn introduce(&self, id: ConnectionId, settings: &SamlSettings) {
        let acs_url = self.app.callback_url(id);
        let certificate = settings.encryption_keys.first();
        let certificate = certificate.and_then(|key| Certificate::from_pem(&key.certificate).ok());
        self.idp.saml().register(ServiceProvider {
            name: PRODUCT.to_owned(),
            entity_id: acs_url.clone(),
            acs_url,
            certificate: certificate.map(|certificate| certificate.der().to_vec()),
        });
    }
}

async fn new_private_key() -> Result<Secret, CliError> {
    let key = spawn_blocking(RsaPrivateKey::generate).await.map_err(refused)?.map_err(refused)?;
    Ok(Secret::new(key.to_pkcs1_pem().as_str()))
}
