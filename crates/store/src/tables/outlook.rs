//! What the connections of all projects lead to, for whoever runs the server.

use serde_json::Value;

use crate::error::StoreError;
use crate::params;
use crate::sql::Read;
use crate::store::Store;

const LATEST: &str =
    "SELECT id, doc FROM connections WHERE deleted_at IS NULL ORDER BY created_at DESC, id LIMIT ?1";
pub(crate) const ALL: &[&str] = &[LATEST];

impl Store {
    /// The addresses of the documents of identity providers, each host once, of the connections that were made last.
    ///
    /// # Errors
    /// As for [`Store::query_all`].
    pub async fn provider_documents(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        let read = Read::new("connections", LATEST, params![i64::from(limit) * 10]);
        let docs = self.query_all(read, |row| row.text(1)).await?;
        let mut found: Vec<String> = Vec::new();
        for doc in docs {
            let doc: Value = serde_json::from_str(&doc).unwrap_or_default();
            let text = |name| doc.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            let issuer =
                |issuer: &str| format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
            let document = text("metadata_url").map(str::to_owned).or_else(|| text("issuer").map(issuer));
            let Some(document) = document.filter(|document| document.starts_with("https://")) else {
                continue;
            };
            let host = |url: &str| url.split('/').nth(2).map(str::to_owned);
            if !found.iter().any(|known| host(known) == host(&document)) {
                found.push(document);
            }
        }
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }
}
