//! When the tokens of directories were last used, written down aside as that of API secrets is.

use vestibule_store::Write;
use vestibule_store::tables::directories;

use crate::failure::Failure;
use crate::world::App;

/// Writes down which tokens were used. Answers how many.
///
/// # Errors
/// The store's; what was noted is then forgotten, and noted again by the next request.
pub(crate) async fn keep(app: &App) -> Result<usize, Failure> {
    let uses = app.directory_uses.take();
    let writes: Vec<Write> =
        uses.iter().map(|(token, project, at)| directories::use_token(*project, token, *at)).collect();
    app.store.commit(writes).await?;
    Ok(uses.len())
}
