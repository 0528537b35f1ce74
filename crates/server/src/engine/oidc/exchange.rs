//! From a callback to a proved identity: the back-channel exchange, the id token's verdict, and user
//! information where the token says too little.

use std::sync::Arc;

use url::Url;
use vestibule_domain::connection::{ClientAuthentication, Connection, OidcSettings, ReadyOidc};
use vestibule_domain::email::EmailAddress;
use vestibule_domain::entropy::bytes;
use vestibule_domain::identity::{EmailTrust, Identity};
use vestibule_domain::login::AttemptSecrets;
use vestibule_domain::mapping::{claim, extra_attributes, full_name};
use vestibule_domain::project::Project;
use vestibule_domain::refusal::{Field, Refusal, Via, What, sentence};
use vestibule_oidc::callback::{AuthorizationCode, Grant, UnverifiedIdToken};
use vestibule_oidc::claims::{Claims, Verified};
use vestibule_oidc::client_auth::{ClientAssertion, ClientAuth, ClientSecret};
use vestibule_oidc::id_token::{self, IdTokenError, IdTokenExpectations, TokenKeys, VerifiedIdToken};
use vestibule_oidc::issuer::EntraTenant;
use vestibule_oidc::jose::{AlgorithmSet, HmacAlgorithm, HmacKey, JwkSet, JwsError, b64};
use vestibule_oidc::pkce::CodeVerifier;
use vestibule_oidc::token::{AccessToken, TokenRequest};
use vestibule_oidc::userinfo::UserinfoError;
use vestibule_oidc::{Issuer, IssuerRule, UnixSeconds, token, userinfo};

use crate::engine::trace::Steps;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::connections::discovery::url_policy;
use crate::world::App;
use crate::world::fetch::protocol::send;
use crate::world::keyring::ProjectKeys;

const LIMIT: usize = 256 * 1024;
const ENTRA_HOST: &str = "https://login.microsoftonline.com/";

/// Everything one exchange is about.
pub(crate) struct Exchange<'a> {
    /// The shared state.
    pub app: &'a App,
    /// The request.
    pub ctx: &'a Ctx,
    /// The project.
    pub project: &'a Project,
    /// The connection.
    pub connection: &'a Connection,
    /// Its settings.
    pub ready: ReadyOidc<'a>,
    /// The attempt's secrets.
    pub secrets: &'a AttemptSecrets,
}

/// What came with an id token, so that its hashes can be checked and user information asked for.
#[derive(Default)]
struct Companions {
    access_token: Option<AccessToken>,
    code: Option<AuthorizationCode>,
}

impl<'a> Exchange<'a> {
    const fn settings(&self) -> &'a OidcSettings {
        self.ready.settings()
    }

    /// Turns what the browser brought into a proved identity.
    ///
    /// # Errors
    /// The first check that fails, with what was found and expected; `steps` then ends with it.
    pub(crate) async fn identity(&self, grant: Grant, steps: &mut Steps) -> Result<Identity, Failure> {
        let (token, companions) = match grant {
            Grant::Code(code) => self.redeem(code, steps).await?,
            Grant::IdToken(token) => (token, Companions::default()),
        };
        let verified = self.verify(&token, &companions, steps).await?;
        let claims = self.claims(&verified, companions.access_token.as_ref(), steps).await?;
        let identity = self.mapped(&verified, &claims, steps)?;
        Ok(identity)
    }

    async fn redeem(
        &self,
        code: AuthorizationCode,
        steps: &mut Steps,
    ) -> Result<(UnverifiedIdToken, Companions), Failure> {
        let endpoint = stored_url(&self.settings().token_url)?;
        let verifier = CodeVerifier::parse(&self.secrets.code_verifier())
            .ok_or_else(|| Failure::Internal("a derived PKCE verifier is not one".to_owned()))?;
        let secret = ClientSecret::new(self.settings().client_secret.expose());
        let method = self.settings().effective_authentication();
        // Loaded before the assertion borrows from them.
        let (keys, issuer, jti) = self.assertion_parts(method).await?;
        let auth = match (method, &keys) {
            (ClientAuthentication::ClientSecretBasic, _) => ClientAuth::SecretBasic(secret),
            (ClientAuthentication::ClientSecretPost, _) => ClientAuth::SecretPost(secret),
            (ClientAuthentication::PrivateKeyJwt, Some(keys)) => ClientAuth::PrivateKeyJwt(ClientAssertion {
                key: &keys.active,
                issuer: &issuer,
                jti: &jti,
                now: self.now(),
                lifetime_seconds: 60,
            }),
            (ClientAuthentication::PrivateKeyJwt | ClientAuthentication::None, _) => ClientAuth::None,
        };
        let request = TokenRequest {
            endpoint: &endpoint,
            client_id: &self.settings().client_id,
            auth,
            code: &code,
            redirect_uri: &self.app.callback_url(self.connection.id),
            verifier: &verifier,
        }
        .build()
        .map_err(|error| Failure::Internal(format!("a token request could not be made: {error}")))?;
        let response = send(&self.app.fetcher, &request, LIMIT).await.map_err(|error| {
            steps.failed("token_exchange", error.to_string(), "an answer from token_url");
            unreachable_provider("token_url", &error.to_string())
        })?;
        let tokens = token::parse(response.status.as_u16(), &response.body).map_err(|error| {
            steps.refused("token_exchange", &error);
            Refusal::new(What::ProviderRefused(Via::Oidc))
                .because(format!("{error}. Client authentication was {}.", method.as_str()))
        })?;
        steps.passed("token_exchange", method.as_str());
        let companions = Companions { access_token: Some(tokens.access_token), code: Some(code) };
        Ok((tokens.id_token, companions))
    }

    async fn assertion_parts(
        &self,
        method: ClientAuthentication,
    ) -> Result<(Option<Arc<ProjectKeys>>, Issuer, String), Failure> {
        let issuer = self.issuer()?;
        if method != ClientAuthentication::PrivateKeyJwt {
            return Ok((None, issuer, String::new()));
        }
        let keys = self.app.keyring.keys(self.app, self.project, self.ctx.now).await?;
        Ok((Some(keys), issuer, b64::encode(&bytes::<16>(self.app.entropy.as_ref()))))
    }

    async fn verify(
        &self,
        token: &UnverifiedIdToken,
        companions: &Companions,
        steps: &mut Steps,
    ) -> Result<VerifiedIdToken, Failure> {
        if self.settings().allow_hs256 {
            let key = HmacKey::from_client_secret(
                self.settings().client_secret.expose().as_bytes(),
                HmacAlgorithm::Hs256,
            );
            let key = key.map_err(|error| Refusal::new(What::IdToken).because(sentence(error)))?;
            let verdict = self.judge(token, companions, TokenKeys::ClientSecret(&key))?;
            return verdict
                .map_err(|error| refused_token(&error, steps).into())
                .inspect(|_| accepted_token(steps));
        }
        let (provider, id, url) = (&self.app.provider_keys, self.connection.id, &self.settings().jwks_url);
        let no_keys = |why: String| unreachable_provider("jwks_url", &why);
        let keys = provider.current(&self.app.fetcher, id, url, self.ctx.now).await.map_err(|why| {
            steps.failed("provider_keys", why.clone(), "a JWK set at jwks_url");
            no_keys(why)
        })?;
        let mut verdict = self.judge(token, companions, self.published(&keys))?;
        if matches!(verdict, Err(IdTokenError::Jws(JwsError::UnknownKey { .. }))) {
            let keys =
                provider.after_unknown(&self.app.fetcher, id, url, self.ctx.now).await.map_err(no_keys)?;
            verdict = self.judge(token, companions, self.published(&keys))?;
        }
        verdict.map_err(|error| refused_token(&error, steps).into()).inspect(|_| accepted_token(steps))
    }

    /// The provider's keys with the algorithms that count: what the provider announced, all we know when it
    /// announced nothing.
    fn published<'k>(&self, keys: &'k JwkSet) -> TokenKeys<'k> {
        let announced = &self.settings().discovered.id_token_signing_alg_values_supported;
        let named = AlgorithmSet::from_names(announced.iter().map(String::as_str));
        let allowed = if announced.is_empty() { AlgorithmSet::all() } else { named };
        TokenKeys::Published { keys, allowed }
    }

    fn judge(
        &self,
        token: &UnverifiedIdToken,
        companions: &Companions,
        keys: TokenKeys<'_>,
    ) -> Result<Result<VerifiedIdToken, IdTokenError>, Failure> {
        let issuer = self.issuer_rule()?;
        Ok(id_token::verify(
            token.expose(),
            &IdTokenExpectations {
                keys,
                issuer: &issuer,
                client_id: &self.settings().client_id,
                nonce: &self.secrets.nonce(),
                now: self.now(),
                skew_seconds: id_token::DEFAULT_SKEW_SECONDS,
                max_age_seconds: None,
                access_token: companions.access_token.as_ref().map(AccessToken::expose),
                code: companions.code.as_ref().map(AuthorizationCode::expose),
            },
        ))
    }

    /// The claims of the token, completed by user information only when something needed is missing.
    async fn claims(
        &self,
        verified: &VerifiedIdToken,
        access_token: Option<&AccessToken>,
        steps: &mut Steps,
    ) -> Result<Claims, Failure> {
        let wanted = self.wanted_claims();
        let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        let Some(access_token) = access_token else { return Ok(Claims::of(verified)) };
        if self.settings().userinfo_url.is_empty() || !userinfo::is_needed(verified, &wanted) {
            return Ok(Claims::of(verified));
        }
        let request = userinfo::request(&stored_url(&self.settings().userinfo_url)?, access_token);
        let response = send(&self.app.fetcher, &request, LIMIT).await.map_err(|error| {
            steps.failed("userinfo", error.to_string(), "an answer from userinfo_url");
            unreachable_provider("userinfo_url", &error.to_string())
        })?;
        let content_type =
            response.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let info = userinfo::parse(response.status.as_u16(), content_type, &response.body, verified)
            .map_err(|error| {
                steps.refused("userinfo", &error);
                let kind = match error {
                    UserinfoError::SubjectMismatch { .. } => What::OtherSubject(Via::Oidc),
                    _ => What::Userinfo,
                };
                Refusal::new(kind).because(sentence(error))
            })?;
        steps.passed("userinfo", "");
        Ok(Claims::merged(verified, &info))
    }

    /// Claims that decide something here: address, name, and everything the admin mapped.
    fn wanted_claims(&self) -> Vec<String> {
        let mapping = &self.settings().attribute_mapping;
        let mut wanted = vec![claim(mapping, "email", "email").to_owned()];
        if !mapping.contains_key("first_name") {
            wanted.push(claim(mapping, "full_name", "name").to_owned());
        }
        wanted.extend(mapping.values().cloned());
        wanted
    }

    fn mapped(
        &self,
        verified: &VerifiedIdToken,
        claims: &Claims,
        steps: &mut Steps,
    ) -> Result<Identity, Refusal> {
        let mapping = &self.settings().attribute_mapping;
        let email_claim = claim(mapping, "email", "email");
        let email = match claims.text(email_claim) {
            None => None,
            Some(text) => Some(EmailAddress::parse(text).map_err(|error| {
                steps.failed("email", text, "a plain e-mail address");
                Refusal::new(What::NoEmail(Via::Oidc)).because(format!("The claim {email_claim:?}: {error}."))
            })?),
        };
        match &email {
            Some(email) => steps.passed("email", email.as_str()),
            None => steps.failed("email", format!("no claim {email_claim:?}"), "an e-mail address"),
        }
        let subject = self.subject(verified, claims).ok_or(What::NoSubject(Via::Oidc))?;
        Ok(Identity {
            connection_id: self.connection.id,
            subject,
            email,
            email_trust: match claims.email_verification() {
                Verified::Verified => EmailTrust::Verified,
                Verified::Unverified => EmailTrust::Unverified,
                Verified::Unstated => EmailTrust::Unstated,
            },
            name: full_name(mapping, claims.all()),
            attributes: claims.all().clone(),
            groups: Vec::new(),
            trusted_metadata: extra_attributes(mapping, claims.all()),
        })
    }

    /// Who it is at this connection: the mapped claim, for Entra the object id (its `sub` is another one
    /// in every application), else `sub`.
    fn subject(&self, verified: &VerifiedIdToken, claims: &Claims) -> Option<String> {
        if let Some(mapped) = self.settings().attribute_mapping.get("idp_user_id") {
            return claims.text(mapped).filter(|text| text.len() <= 255).map(str::to_owned);
        }
        let is_entra = self.settings().discovered.issuer_is_tenant_template
            || self.settings().issuer.starts_with(ENTRA_HOST);
        let object_id = verified.entra_object_id().filter(|_| is_entra);
        Some(object_id.unwrap_or_else(|| verified.subject()).to_owned())
    }

    fn issuer(&self) -> Result<Issuer, Failure> {
        Issuer::parse(&self.settings().issuer, url_policy(self.app.mode))
            .map_err(|error| Failure::Internal(format!("a stored issuer is not usable: {error}")))
    }

    fn issuer_rule(&self) -> Result<IssuerRule, Failure> {
        let issuer = self.issuer()?;
        if !self.settings().discovered.issuer_is_tenant_template {
            return Ok(IssuerRule::Exact(issuer));
        }
        match issuer.as_str().split('/').find_map(EntraTenant::parse) {
            Some(tenant) => Ok(IssuerRule::EntraTemplate { issuer, tenant }),
            None => Err(Refusal::new(What::Invalid(Field::Issuer))
                .because("The provider uses one issuer for many tenants; configure the issuer of one tenant.")
                .into()),
        }
    }

    fn now(&self) -> UnixSeconds {
        UnixSeconds(self.ctx.now.seconds())
    }
}

fn stored_url(text: &str) -> Result<Url, Failure> {
    Url::parse(text)
        .map_err(|error| Failure::Internal(format!("a stored provider URL does not parse: {error}")))
}

fn unreachable_provider(what: &str, why: &str) -> Failure {
    Refusal::new(What::ProviderUnreachable).because(format!("{what}: {why}.")).into()
}

fn accepted_token(steps: &mut Steps) {
    steps.passed("id_token", "");
}

/// What it means that an id token was refused, with the check that failed.
fn refused_token(error: &IdTokenError, steps: &mut Steps) -> Refusal {
    steps.refused("id_token", error);
    let kind = match error {
        IdTokenError::Expired { .. } => What::Expired(Via::Oidc),
        IdTokenError::Missing("sub") | IdTokenError::Subject { .. } => What::NoSubject(Via::Oidc),
        _ => What::IdToken,
    };
    Refusal::new(kind).because(sentence(error))
}
