//! A program, and where its servers keep what they know.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::process::{Binary, Server};
use crate::provider::Provider;
use crate::world::{Scene, World};
use crate::{Result, fill};

/// What a server is told anew at each start, and the files of an embedded store: a second process brings its own.
const OWN: [&str; 2] = ["ready.json", fill::DATABASE_FILE];

/// The directory goes with this value.
pub(crate) struct Place<'a> {
    pub(crate) binary: &'a Binary,
    pub(crate) database: Option<&'a str>,
    pub(crate) directory: TempDir,
}

impl<'a> Place<'a> {
    pub(crate) fn new(binary: &'a Binary, database: Option<&'a str>) -> Result<Self> {
        Ok(Self { binary, database, directory: binary.scratch()? })
    }

    /// A server with customers in it.
    pub(crate) async fn world(&self, provider: &Provider, scene: &Scene) -> Result<World> {
        self.world_on(self.database, provider, scene).await
    }

    /// The same on another way to the database.
    pub(crate) async fn world_on(
        &self,
        database: Option<&str>,
        provider: &Provider,
        scene: &Scene,
    ) -> Result<World> {
        let server = self.binary.start_on(self.directory.path(), database).await?;
        World::build(server, provider, scene).await
    }

    /// Where another process of the same deployment starts from: the same keys and credentials, and the same database.
    pub(crate) fn another(&self) -> Result<Self> {
        let other = Self::new(self.binary, self.database)?;
        for entry in fs::read_dir(self.directory.path())? {
            let entry = entry?;
            let is_own = OWN.iter().any(|own| entry.file_name().to_string_lossy().starts_with(own));
            if entry.file_type()?.is_file() && !is_own {
                fs::copy(entry.path(), other.path().join(entry.file_name()))?;
            }
        }
        Ok(other)
    }

    /// A server, as it finds its store.
    pub(crate) async fn start(&self) -> Result<Server> {
        self.binary.start_on(self.path(), self.database).await
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }
}
