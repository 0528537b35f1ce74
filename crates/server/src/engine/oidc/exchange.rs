//! From a callback to a proved identity: the back-channel exchange, the id token's verdict, and user
//! information where the token says too little. What a provider has moved or replaced since its document was read is
//! learnt on the way.

use std::borrow::Cow;
use std::sync::Arc;

use url::Url;
use vestibule_domain::connection::{
    AssertionAudience, ClientAuthentication, Connection, OidcSettings, ProviderLabel,
};
use vestibule_domain::entropy::bytes;
use vestibule_domain::login::sent::Sent;
use vestibule_domain::login::{AttemptSecrets, Proof};
use vestibule_domain::refusal::{Field, Refusal, What, sentence};
use vestibule_domain::time::Time;
use vestibule_oidc::callback::{AuthorizationCode, Grant, UnverifiedIdToken};
use vestibule_oidc::claims::Claims;
use vestibule_oidc::client_auth::{ClientAssertion, ClientAuth, ClientSecret};
use vestibule_oidc::id_token::{self, IdTokenError, IdTokenExpectations, Nonce, TokenKeys, VerifiedIdToken};
use vestibule_oidc::issuer::EntraTenant;
use vestibule_oidc::jose::{AlgorithmSet, HmacAlgorithm, HmacKey, JwkSet, b64};
use vestibule_oidc::pkce::CodeVerifier;
use vestibule_oidc::token::{AccessToken, TokenRequest};
use vestibule_oidc::{Excerpt, Issuer, IssuerRule, UnixSeconds, token};

use super::words::{refused_exchange, refused_token, unreachable_provider};
use crate::engine::trace::Steps;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::connections::assertion_key::{self, Signer};
use crate::operations::connections::discovery::url_policy;
use crate::operations::connections::learning;
use crate::world::App;
use crate::world::fetch::Errand;
use crate::world::fetch::protocol::send;
use crate::world::provider_keys::NoKeys;

/// The most bytes of a provider's answer.
pub(super) const LIMIT: usize = 256 * 1024;
/// How long a client assertion lives.
const ASSERTION_SECONDS: i64 = 60;

/// Everything one exchange is about.
pub(crate) struct Exchange<'a> {
    /// The shared state.
    pub app: &'a Arc<App>,
    /// The request.
    pub ctx: &'a Ctx,
    /// The connection.
    pub connection: &'a Connection,
    /// Its settings, of which nothing is missing: as it has them, or as they were learnt again on the way.
    pub settings: Cow<'a, OidcSettings>,
    /// The attempt's secrets.
    pub secrets: &'a AttemptSecrets,
    /// What its request was like.
    pub sent: Sent,
    /// The origin that the answer came to.
    pub origin: &'a str,
}

/// What came with an id token, so that its hashes can be checked and user information asked for.
#[derive(Default)]
pub(super) struct Companions {
    pub(super) access_token: Option<AccessToken>,
    code: Option<AuthorizationCode>,
}

/// Why an id token is not verified.
enum Unverified {
    /// There are no keys; whether that is because the provider was late.
    NoKeys(String, bool),
    /// It is not acceptable.
    Token(IdTokenError),
    /// Something of ours failed.
    Failed(Failure),
}

impl From<NoKeys> for Unverified {
    fn from(none: NoKeys) -> Self {
        match none {
            NoKeys::Because(why) => Self::NoKeys(why, false),
            NoKeys::Late(why) => Self::NoKeys(why, true),
            NoKeys::Failed(failure) => Self::Failed(failure),
        }
    }
}

impl Unverified {
    /// Whether it would be explained by a provider that has changed what its document says.
    const fn may_be_out_of_date(&self) -> bool {
        match self {
            Self::NoKeys(..) => true,
            Self::Token(error) => {
                error.is_unknown_key() || error.is_other_key() || error.is_other_algorithm()
            }
            Self::Failed(_) => false,
        }
    }

    /// The refusal of a token with claims of these names.
    fn into_failure(self, claims: &str, provider: ProviderLabel, steps: &mut Steps) -> Failure {
        match self {
            Self::NoKeys(why, is_late) => {
                steps.failed("provider_keys", why.clone(), "a JWK set at jwks_url");
                unreachable_provider("jwks_url", &why, is_late)
            }
            Self::Token(error) => refused_token(&error, claims, provider, steps).into(),
            Self::Failed(failure) => {
                if let Failure::Busy(why) = &failure {
                    steps.failed("provider_keys", *why, "a place for a request to jwks_url");
                }
                failure
            }
        }
    }
}

impl From<Failure> for Unverified {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Exchange<'_> {
    /// The settings.
    pub(super) fn settings(&self) -> &OidcSettings {
        &self.settings
    }

    /// Turns what the browser brought into a proved identity.
    ///
    /// # Errors
    /// The first check that fails, with what was found and expected; `steps` then ends with it.
    pub(crate) async fn proof(&mut self, grant: Grant, steps: &mut Steps) -> Result<Proof, Failure> {
        let (token, companions) = match grant {
            Grant::Code(code) => self.redeemed(code, steps).await?,
            Grant::IdToken(token) => (token, Companions::default()),
        };
        let verified = self.verified(&token, &companions, steps).await?;
        self.settings().check_pins(Claims::of(&verified).all()).inspect_err(|refusal| {
            steps.failed("pin", refusal.found.clone(), refusal.expected.clone());
        })?;
        let identity = match self.settings().attribute_map {
            Some(_) => self.profiled(&verified, &companions, steps).await?,
            None => {
                let claims = self.claims(&verified, companions.access_token.as_ref(), steps).await?;
                self.mapped(&verified, &claims, steps)?
            }
        };
        Ok(Proof {
            authenticated_at: verified.authenticated_at().map(|at| Time::from_seconds(at.0)),
            ..identity.into()
        })
    }

    /// Reads the provider's document again, unless that was just done. Whether the settings are others now.
    pub(super) async fn learn_again(&mut self) -> Result<bool, Failure> {
        let Some(connection) = learning::learn_now(self.app, self.connection).await? else {
            return Ok(false);
        };
        let Some(settings) = connection.oidc().filter(|settings| settings.ready().is_ok()) else {
            return Ok(false);
        };
        let changed = settings != self.settings();
        self.settings = Cow::Owned(settings.clone());
        Ok(changed)
    }

    /// Redeems the code. A token endpoint that does not take it may have moved: then the code goes to the new one.
    async fn redeemed(
        &mut self,
        code: AuthorizationCode,
        steps: &mut Steps,
    ) -> Result<(UnverifiedIdToken, Companions), Failure> {
        let way = |settings: &OidcSettings| (settings.token_url.clone(), settings.effective_authentication());
        let (mark, tried) = (steps.mark(), way(self.settings()));
        let mut outcome = self.redeem(&code, steps).await;
        if matches!(outcome, Err(Failure::Refused(_)))
            && self.learn_again().await?
            && way(self.settings()) != tried
        {
            steps.forget_after(mark);
            outcome = self.redeem(&code, steps).await;
        }
        let (token, access_token) = outcome?;
        Ok((token, Companions { access_token, code: Some(code) }))
    }

    async fn redeem(
        &self,
        code: &AuthorizationCode,
        steps: &mut Steps,
    ) -> Result<(UnverifiedIdToken, Option<AccessToken>), Failure> {
        let endpoint = stored_url(&self.settings().token_url)?;
        let verifier = CodeVerifier::parse(&self.secrets.code_verifier())
            .ok_or_else(|| Failure::Internal("a derived PKCE verifier is not one".to_owned()))?;
        let secret = ClientSecret::new(self.settings().client_secret.expose());
        let method = self.settings().effective_authentication();
        // Loaded before the assertion borrows from them.
        let (key, jti) = self.assertion_parts(method).await?;
        let auth = match (method, &key) {
            (ClientAuthentication::ClientSecretBasic, _) => ClientAuth::SecretBasic(secret),
            (ClientAuthentication::ClientSecretPost, _) => ClientAuth::SecretPost(secret),
            (ClientAuthentication::PrivateKeyJwt, Some(key)) => ClientAuth::PrivateKeyJwt(ClientAssertion {
                key: key.borrowed(),
                // As it was, where it must stay as it was.
                audience: match self.audience() {
                    AssertionAudience::Issuer => &self.settings().issuer,
                    AssertionAudience::TokenEndpoint => &self.settings().token_url,
                },
                jti: &jti,
                now: self.now(),
                lifetime_seconds: ASSERTION_SECONDS,
            }),
            (ClientAuthentication::PrivateKeyJwt | ClientAuthentication::None, _) => ClientAuth::None,
        };
        let request = TokenRequest {
            endpoint: &endpoint,
            client_id: &self.settings().client_id,
            auth,
            code,
            redirect_uri: &self.app.known_as(self.connection, self.sent.callback, self.origin).callback,
            verifier: self.sent.pkce.method().is_some().then_some(&verifier),
        }
        .build()
        .map_err(|error| Failure::Internal(format!("a token request could not be made: {error}")))?;
        let response = send(&self.errand(), &request, LIMIT).await.map_err(|error| {
            steps.failed("token_exchange", error.told(), "an answer from token_url");
            error.failure(|why| unreachable_provider("token_url", &why, error.is_late()))
        })?;
        let tokens = token::parse(response.status.as_u16(), &response.body).map_err(|error| {
            steps.refused("token_exchange", &error);
            refused_exchange(&error, self.settings(), method, self.connection.identity_provider)
        })?;
        steps.passed("token_exchange", method.as_str());
        Ok((tokens.id_token, tokens.access_token))
    }

    fn audience(&self) -> AssertionAudience {
        match self.settings().signed_as_before() {
            Some(_) => AssertionAudience::Issuer,
            None => self.settings().client_assertion_audience,
        }
    }

    async fn assertion_parts(
        &self,
        method: ClientAuthentication,
    ) -> Result<(Option<Signer>, String), Failure> {
        if method != ClientAuthentication::PrivateKeyJwt {
            return Ok((None, String::new()));
        }
        let key = assertion_key::of(self.app, self.connection, self.settings(), self.ctx.now).await?;
        Ok((Some(key), b64::encode(&bytes::<16>(self.app.entropy.as_ref()))))
    }

    /// Verifies the token; once more when the provider has other keys or algorithms by now.
    async fn verified(
        &mut self,
        token: &UnverifiedIdToken,
        companions: &Companions,
        steps: &mut Steps,
    ) -> Result<VerifiedIdToken, Failure> {
        let mut verdict = self.verify(token, companions).await;
        if let Err(why) = &verdict
            && why.may_be_out_of_date()
            && !self.settings().allow_hs256
            && self.learn_again().await?
        {
            verdict = self.verify(token, companions).await;
        }
        match verdict {
            Ok(verified) => {
                steps.passed("id_token", listed(&id_token::claim_names(token.expose())));
                Ok(verified)
            }
            Err(why) => {
                let claims = listed(&id_token::claim_names(token.expose()));
                Err(why.into_failure(&claims, self.connection.identity_provider, steps))
            }
        }
    }

    async fn verify(
        &self,
        token: &UnverifiedIdToken,
        companions: &Companions,
    ) -> Result<VerifiedIdToken, Unverified> {
        if self.settings().allow_hs256 {
            let key = self.hmac_key()?;
            return self.judge(token, companions, TokenKeys::ClientSecret(&key));
        }
        let (provider, errand, now) = (&self.app.provider_keys, self.errand(), self.app.clock.steady());
        let (id, url) = (self.connection.id, &self.settings().jwks_url);
        let keys = provider.current(&errand, id, url, now).await?;
        let keys = match self.judge(token, companions, self.published(&keys)) {
            Err(Unverified::Token(error)) if error.is_unknown_key() => {
                provider.after_unknown(&errand, id, url, now).await
            }
            Err(Unverified::Token(error)) if error.is_other_key() => {
                provider.after_doubt(&errand, id, url, now).await
            }
            verdict => return verdict,
        };
        let keys = keys?;
        self.judge(token, companions, self.published(&keys))
    }

    fn hmac_key(&self) -> Result<HmacKey, Failure> {
        let secret = self.settings().client_secret.expose().as_bytes();
        HmacKey::from_client_secret(secret, HmacAlgorithm::Hs256).map_err(|error| {
            Refusal::new(What::IdToken)
                .because(format!("{} Set a longer client_secret, or unset allow_hs256.", sentence(error)))
                .into()
        })
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
    ) -> Result<VerifiedIdToken, Unverified> {
        let issuer = self.issuer_rule()?;
        // Only a token that was fetched for a code may lack one: a code is there to be compared with.
        let may_lack_nonce = self.sent.without_nonce && companions.code.is_some();
        let nonce = self.secrets.nonce();
        let expectations = IdTokenExpectations {
            keys,
            issuer: &issuer,
            client_id: &self.settings().client_id,
            nonce: if may_lack_nonce { Nonce::NotSent } else { Nonce::Sent(&nonce) },
            now: self.now(),
            skew_seconds: id_token::DEFAULT_SKEW_SECONDS,
            max_age_seconds: None,
            access_token: companions.access_token.as_ref().map(AccessToken::expose),
            code: companions.code.as_ref().map(AuthorizationCode::expose),
        };
        id_token::verify(token.expose(), &expectations).map_err(Unverified::Token)
    }

    /// The way out, on behalf of the connection's organization.
    pub(super) fn errand(&self) -> Errand {
        self.app.fetcher.for_tenant(self.connection.tenant())
    }

    fn issuer(&self) -> Result<Issuer, Failure> {
        Issuer::parse(&self.settings().issuer, url_policy(self.app.mode))
            .map_err(|error| Failure::Internal(format!("a stored issuer is not usable: {error}")))
    }

    fn issuer_rule(&self) -> Result<IssuerRule, Failure> {
        if let Some(pinned) = self.settings().pinned_issuer()
            && let Some(tenant) = EntraTenant::parse(&self.settings().tenant_id)
        {
            let issuer = Issuer::parse(&pinned, url_policy(self.app.mode));
            let issuer = issuer
                .map_err(|error| Failure::Internal(format!("a pinned issuer is not usable: {error}")))?;
            return Ok(IssuerRule::EntraTemplate { issuer, tenant });
        }
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

/// Names in their order.
pub(super) fn listed(names: &[Excerpt]) -> String {
    names.iter().map(Excerpt::as_str).collect::<Vec<_>>().join(", ")
}

pub(super) fn stored_url(text: &str) -> Result<Url, Failure> {
    Url::parse(text)
        .map_err(|error| Failure::Internal(format!("a stored provider URL does not parse: {error}")))
}
