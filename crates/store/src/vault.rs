//! The vault: data keys as the store keeps them and as a process holds them, and their rotation.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use vestibule_domain::Time;
use vestibule_domain::entropy::Entropy;
use vestibule_domain::secret::Secret;
use vestibule_domain::time::Span;

use crate::error::{Guard, StoreError};
use crate::params;
use crate::seal::{DataKey, MasterKey, MasterKeys, SealError, Sealed};
use crate::sql::{Batch, Read, Write};
use crate::stamp::LastAsked;
use crate::store::Store;
use crate::tables;

/// The one active data key is already there (another node made it).
const ACTIVE: &str = "data_keys_active";
/// How long servers may go on sealing with a data key that was retired: they load the data keys once a minute.
pub const RETIRING: Span = Span::minutes(5);
/// A data key cannot be forgotten: it seals, or something is left that only it can read.
pub const IN_USE: Guard = Guard("data_key_in_use");
/// A data key changed while it was being rotated.
const ROTATED: Guard = Guard("data_key_rotated_meanwhile");

const LOAD: &str =
    "SELECT id, wrapped, master_key_id, state, retired_at FROM data_keys ORDER BY created_at, id";
const INSERT: &str = "INSERT INTO data_keys (id, wrapped, master_key_id, created_at, state)
     VALUES (?1, ?2, ?3, ?4, 'active')";
const RETIRE: &str =
    "UPDATE data_keys SET state = 'retired', retired_at = ?2 WHERE id = ?1 AND state = 'active'";
const FORGET: &str = "DELETE FROM data_keys WHERE id = ?1 AND state = 'retired'
     AND NOT EXISTS (SELECT 1 FROM connections WHERE sealed_client_secret LIKE ?2)
     AND NOT EXISTS (SELECT 1 FROM connections WHERE sealed_private_keys LIKE ?2)
     AND NOT EXISTS (SELECT 1 FROM signing_keys WHERE sealed_private_key LIKE ?2)
     AND NOT EXISTS (SELECT 1 FROM applications WHERE sealed_secret LIKE ?2)
     AND NOT EXISTS (SELECT 1 FROM outbox WHERE sealed_letter LIKE ?2)
     AND NOT EXISTS (SELECT 1 FROM sessions WHERE sealed_token LIKE ?2)
     AND NOT EXISTS (SELECT 1 FROM totp_registrations WHERE sealed_secrets LIKE ?2)";
const REWRAP: &str =
    "UPDATE data_keys SET wrapped = ?2, master_key_id = ?3 WHERE id = ?1 AND master_key_id = ?4";

pub(crate) const ALL: &[&str] = &[LOAD, INSERT, RETIRE, REWRAP, FORGET];

/// Rows sealed again per batch.
const RESEAL_CHUNK: i64 = 200;

/// A column that holds sealed texts, and the statements that visit it. `select` gives the row's key and the
/// sealed text of up to ?2 rows whose text does not begin as ?1 says; `update` sets ?2 where the key is ?1
/// and the text still ?3.
pub(crate) struct SealedColumn {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) select: &'static str,
    pub(crate) update: &'static str,
}

/// What seals and reads secrets. Who holds it may read them; every read of a secret takes it as an argument.
pub struct Vault {
    store: Store,
    masters: MasterKeys,
    ring: RwLock<Arc<Ring>>,
    /// The data keys went over to a master key that is not among ours.
    superseded: AtomicBool,
    last_asked: LastAsked,
}

/// The data keys as they were last loaded.
struct Ring {
    active: Arc<DataKey>,
    keys: HashMap<String, Arc<DataKey>>,
}

struct Stored {
    id: String,
    wrapped: String,
    master_key_id: String,
    active: bool,
    retired_at: Option<Time>,
}

impl Vault {
    /// Loads the data keys, making the first one when there is none. Needs a migrated store.
    ///
    /// # Errors
    /// [`SealError::WrongMasterKey`] when the data keys were wrapped under a master key that is not given.
    pub async fn open(
        store: &Store,
        masters: MasterKeys,
        entropy: &dyn Entropy,
        now: Time,
    ) -> Result<Self, StoreError> {
        let mut stored = load(store).await?;
        if !stored.iter().any(|key| key.active) {
            let key = DataKey::generate(entropy)?;
            match store.commit(insert(&key, &masters.current, entropy, now)?).await {
                Err(error) if !error.is_unique(ACTIVE) => return Err(error),
                Ok(()) | Err(_) => stored = load(store).await?,
            }
        }
        let ring = unwrap_all(&masters, &stored)?;
        let ring = RwLock::new(Arc::new(ring));
        Ok(Self {
            store: store.clone(),
            masters,
            ring,
            superseded: AtomicBool::new(false),
            last_asked: LastAsked::default(),
        })
    }

    /// Seals a secret for `table/column/row`; only there it can be read again.
    ///
    /// # Errors
    /// [`SealError::Superseded`] when the data keys are under a master key that is not given any more: what would be sealed
    /// here might be forgotten with its key. Otherwise only when the cipher refuses, which is a defect.
    pub fn seal(&self, place: &str, secret: &Secret, entropy: &dyn Entropy) -> Result<String, StoreError> {
        if self.superseded.load(Ordering::Relaxed) {
            return Err(SealError::Superseded.into());
        }
        Ok(self.ring().active.seal(place, secret.expose(), entropy)?)
    }

    /// Reads a sealed text. A data key that another node made meanwhile is loaded.
    ///
    /// # Errors
    /// [`StoreError::Seal`] when the text was altered or moved, or its key does not exist.
    pub async fn unseal(&self, place: &str, text: &str) -> Result<Secret, StoreError> {
        let sealed = Sealed::parse(place, text)?;
        if let Some(key) = self.ring().keys.get(sealed.key_id) {
            return Ok(key.open(place, &sealed)?);
        }
        // Apart: what is hardly ever done takes no room in those who unseal.
        Box::pin(self.reload()).await?;
        let ring = self.ring();
        let key = ring.keys.get(sealed.key_id);
        Ok(key.ok_or_else(|| SealError::UnknownDataKey(sealed.key_id.to_owned()))?.open(place, &sealed)?)
    }

    /// The id of the data key that seals now.
    #[must_use]
    pub fn active_key(&self) -> String {
        self.ring().active.id().to_owned()
    }

    /// Makes a new data key and seals with it from now on. What older keys sealed stays readable.
    ///
    /// # Errors
    /// [`StoreError::Guard`] when another rotation was faster.
    pub async fn rotate_data_key(&self, entropy: &dyn Entropy, now: Time) -> Result<(), StoreError> {
        self.reload().await?;
        let key = DataKey::generate(entropy)?;
        let retire = Write::one(RETIRE, params![self.active_key(), now], ROTATED);
        let insert = insert(&key, &self.masters.current, entropy, now)?;
        self.store.commit(Batch::from(vec![retire, insert])).await?;
        self.reload().await
    }

    /// Seals every stored secret that an older data key sealed under the active one, in chunks; may be
    /// interrupted and run again at any time. Answers how many rows it visited.
    ///
    /// # Errors
    /// The first row that does not verify.
    pub async fn reseal(&self, entropy: &dyn Entropy) -> Result<u64, StoreError> {
        let mut visited = 0;
        for column in tables::SEALED {
            loop {
                let chunk = self.reseal_chunk(column, entropy).await?;
                if chunk == 0 {
                    break;
                }
                visited += chunk;
            }
        }
        Ok(visited)
    }

    async fn reseal_chunk(&self, column: &SealedColumn, entropy: &dyn Entropy) -> Result<u64, StoreError> {
        let sealed_now = format!("{}%", Sealed::prefix(&self.active_key()));
        let read = Read::new(column.table, column.select, params![sealed_now, RESEAL_CHUNK]);
        let rows = self.store.query_all(read, |row| Ok((row.text(0)?, row.text(1)?))).await?;
        let mut batch = Batch::new();
        for (key, old) in &rows {
            let place = place(column.table, column.column, key);
            let new = self.seal(&place, &self.unseal(&place, old).await?, entropy)?;
            batch.push(Write::any(column.update, params![key, new, old]));
        }
        self.store.commit(batch).await?;
        Ok(rows.len() as u64)
    }

    /// Forgets the data keys that were retired longer than [`RETIRING`] ago, or all retired ones `at_once`, after sealing
    /// again what only they can read. Answers how many were forgotten and how many are still to be waited for.
    ///
    /// # Errors
    /// As for [`Vault::reseal`]; the guard [`IN_USE`] when a server sealed with such a key this very moment.
    pub async fn forget_data_keys(
        &self,
        at_once: bool,
        entropy: &dyn Entropy,
        now: Time,
    ) -> Result<(usize, usize), StoreError> {
        self.reload().await?;
        self.reseal(entropy).await?;
        let retired: Vec<_> = load(&self.store).await?.into_iter().filter(|key| !key.active).collect();
        // One without a time was retired before times were kept.
        let is_over = |key: &Stored| key.retired_at.is_none_or(|at| at.plus(RETIRING) <= now);
        let (over, waiting): (Vec<_>, Vec<_>) = retired.into_iter().partition(|key| at_once || is_over(key));
        let forget = |key: &Stored| {
            Write::one(FORGET, params![&key.id, format!("{}%", Sealed::prefix(&key.id))], IN_USE)
        };
        self.store.commit(over.iter().map(forget).collect::<Vec<_>>()).await?;
        self.reload().await?;
        Ok((over.len(), waiting.len()))
    }

    /// Loads the data keys again: what another process made active is sealed with from now on.
    ///
    /// # Errors
    /// As for [`Vault::open`].
    pub async fn reload(&self) -> Result<(), StoreError> {
        let ring = unwrap_all(&self.masters, &load(&self.store).await?);
        self.superseded.store(matches!(ring, Err(SealError::WrongMasterKey { .. })), Ordering::Relaxed);
        let ring = Arc::new(ring?);
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
        Ok(())
    }

    /// The data key that seals now.
    pub(crate) fn active(&self) -> Arc<DataKey> {
        Arc::clone(&self.ring().active)
    }

    /// All data keys that are loaded.
    pub(crate) fn keys(&self) -> Vec<Arc<DataKey>> {
        self.ring().keys.values().cloned().collect()
    }

    pub(crate) const fn last_asked(&self) -> &LastAsked {
        &self.last_asked
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Wraps every data key that `old` wraps under `new`, in one batch: all or none. Keys that `new` wraps
/// already are left alone, so it may be run again. Answers how many were wrapped anew.
///
/// While servers run, give them both keys first, then rotate, then take the old one away.
///
/// # Errors
/// [`SealError::WrongMasterKey`] for a data key that neither wraps, [`StoreError::Guard`] when another
/// rotation was faster.
pub async fn rotate_master_key(
    store: &Store,
    old: &MasterKey,
    new: &MasterKey,
    entropy: &dyn Entropy,
) -> Result<usize, StoreError> {
    let masters = MasterKeys { current: new.clone(), previous: Some(old.clone()) };
    let mut writes = Vec::new();
    for stored in load(store).await? {
        let wrapping = masters.by_id(&stored.master_key_id)?;
        let key = wrapping.unwrap_key(&stored.id, &stored.wrapped)?;
        if wrapping.id() == new.id() {
            continue;
        }
        let wrapped = new.wrap(&key, entropy)?;
        writes.push(Write::one(REWRAP, params![stored.id, wrapped, new.id(), old.id()], ROTATED));
    }
    let count = writes.len();
    store.commit(writes).await?;
    Ok(count)
}

/// The place of a sealed text, which is authenticated with it.
pub(crate) fn place(table: &str, column: &str, row: &str) -> String {
    format!("{table}/{column}/{row}")
}

async fn load(store: &Store) -> Result<Vec<Stored>, StoreError> {
    let read = Read::new("data_keys", LOAD, Vec::new());
    let parse = |row: &crate::Row<'_>| {
        Ok(Stored {
            id: row.text(0)?,
            wrapped: row.text(1)?,
            master_key_id: row.text(2)?,
            active: row.str(3)? == "active",
            retired_at: row.opt_int(4)?.map(Time::from_millis),
        })
    };
    store.query_all(read, parse).await
}

fn insert(key: &DataKey, master: &MasterKey, entropy: &dyn Entropy, now: Time) -> Result<Write, StoreError> {
    Ok(Write::any(INSERT, params![key.id(), master.wrap(key, entropy)?, master.id(), now]))
}

fn unwrap_all(masters: &MasterKeys, stored: &[Stored]) -> Result<Ring, SealError> {
    let mut keys = HashMap::new();
    let mut active = None;
    for entry in stored {
        let key = masters.by_id(&entry.master_key_id)?.unwrap_key(&entry.id, &entry.wrapped)?;
        let key = Arc::new(key);
        if entry.active {
            active = Some(Arc::clone(&key));
        }
        keys.insert(entry.id.clone(), key);
    }
    let active = active.ok_or_else(|| SealError::UnknownDataKey("active".to_owned()))?;
    Ok(Ring { active, keys })
}
