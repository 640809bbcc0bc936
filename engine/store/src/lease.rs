//! Who leads: of all engines on one database one an environment, by the database's clock.
//!
//! A lease is held for [`TERM`] and renewed every [`RENEWAL`]. Whoever takes it over raises its
//! epoch, and every transaction of an engine looks for its own epoch in the row and keeps it from
//! being raised until it ends (engine §3.3). A process that was stopped wakes up to find that its
//! time is over before it has asked anybody: it counts from the moment at which it asked last.

use crate::connection::{Connection, Dialect};
use crate::error::{Doing as _, stored};
use crate::query::query;
use crate::store::SqliteStore;
use crate::transaction::{begin, finish};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Monotonic};
use suho_driver::ports::StoreError;

/// How long a lease is held without a word.
pub(crate) const TERM: Duration = Duration::from_secs(10);
/// How often it is renewed.
const RENEWAL: Duration = Duration::from_secs(3);
/// How long its holder believes in it: a second less, for what a clock may drift.
const BELIEF: Duration = Duration::from_secs(9);

/// What an engine writes as.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Lead {
    name: Arc<str>,
    epoch: u64,
}

/// Whether this engine leads, and until when it may believe so.
#[derive(Debug, Default)]
pub(crate) struct Tenure(Mutex<Standing>);

#[derive(Debug, Default)]
enum Standing {
    /// It never asked.
    #[default]
    Outside,
    /// It leads; on a file for as long as it has the folder's lock.
    Leads { lead: Lead, until: Option<Monotonic> },
    /// It led, and another one does.
    Succeeded { lead: Lead },
}

impl Tenure {
    /// What a write of this engine is made as; nothing for one that never asked to lead.
    pub(crate) fn lead(&self) -> Result<Option<Lead>, StoreError> {
        match &*self.standing() {
            Standing::Outside => Ok(None),
            Standing::Leads { until: Some(until), lead } if *until <= now() => {
                Err(lead.lost("the database has not confirmed it in time"))
            }
            Standing::Leads { lead, .. } => Ok(Some(lead.clone())),
            Standing::Succeeded { lead } => Err(lead.lost("another engine leads")),
        }
    }

    /// The database said that another engine leads since `epoch`.
    pub(crate) fn is_over(&self, epoch: u64) {
        let mut standing = self.standing();
        if let Standing::Leads { lead, .. } = &*standing
            && lead.epoch == epoch
        {
            let lead = lead.clone();
            *standing = Standing::Succeeded { lead };
        }
    }

    fn is_succeeded(&self) -> bool {
        matches!(&*self.standing(), Standing::Succeeded { .. })
    }

    fn set(&self, standing: Standing) {
        *self.standing() = standing;
    }

    /// What was renewed is good for another term from `asked` on; what was not is over.
    fn renewed(&self, renewed: &Lead, asked: Monotonic, is_ours: bool) {
        let mut standing = self.standing();
        match &mut *standing {
            Standing::Leads { lead, until } if lead == renewed => {
                if is_ours {
                    *until = Some(asked + BELIEF);
                } else {
                    let lead = lead.clone();
                    *standing = Standing::Succeeded { lead };
                }
            }
            // It was let go, or lost, meanwhile.
            _ => {}
        }
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lead {
    fn lost(&self, why: &str) -> StoreError {
        StoreError::Fenced { what: self.name.to_string(), epoch: self.epoch, why: why.to_owned() }
    }
}

/// Each fails when the database refuses.
impl SqliteStore {
    /// Tries to become the one engine that leads `environment`, called `holder` where people read
    /// it; answers its epoch, or nothing while another one leads. Whoever has a file to himself
    /// leads it.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn lead(&self, environment: &str, holder: &str) -> Result<Option<u64>, StoreError> {
        // Looked at first: asking for the row itself would keep its holder's writes waiting.
        if self.leader(environment)?.is_some() {
            return Ok(None);
        }
        let name: Arc<str> = Arc::from(environment);
        let asked = now();
        let taken = self.post("become the leader", async |conn| take(conn, &name, holder).await)?;
        let Some(epoch) = taken else { return Ok(None) };
        let lead = Lead { name, epoch };
        let until = self.is_shared().then(|| asked + BELIEF);
        self.tenure.set(Standing::Leads { lead: lead.clone(), until });
        if until.is_some() {
            self.keep_renewing(lead);
        }
        Ok(Some(epoch))
    }

    /// The epoch of this engine, as long as it may believe that it leads.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when it may not.
    pub fn epoch(&self) -> Result<u64, StoreError> {
        Ok(self.tenure.lead()?.map_or(1, |lead| lead.epoch))
    }

    /// Whether this engine led and another one does by now.
    pub fn is_succeeded(&self) -> bool {
        self.tenure.is_succeeded()
    }

    /// Who leads `environment`, if anybody does.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn leader(&self, environment: &str) -> Result<Option<String>, StoreError> {
        let name = environment.to_owned();
        self.read(async |conn| holder(conn, &name).await)
    }

    /// Lets another engine lead at once.
    pub(crate) fn abdicate(&self) {
        let Ok(Some(lead)) = self.tenure.lead() else { return };
        self.tenure.set(Standing::Outside);
        if self.is_shared() {
            // Whoever stands by waits a term longer then.
            drop(self.post("let another engine lead", async |conn| end(conn, &lead).await));
        }
    }

    /// Renews until the lease is lost or let go, on a task of its own.
    fn keep_renewing(&self, lead: Lead) {
        let tenure = Arc::downgrade(&self.tenure);
        self.spawn(move |pool| async move {
            loop {
                tokio::time::sleep(RENEWAL).await;
                let Some(tenure) = tenure.upgrade() else { return };
                if !matches!(&*tenure.standing(), Standing::Leads { lead: ours, .. } if *ours == lead)
                {
                    return;
                }
                let asked = now();
                // A database that does not answer is asked again; meanwhile the term runs out.
                if let Ok(mut conn) = Connection::of(&pool).await
                    && let Ok(is_ours) = renew(&mut conn, &lead).await
                {
                    tenure.renewed(&lead, asked, is_ours);
                }
            }
        });
    }
}

/// Keeps the epoch from being raised until the transaction ends.
pub(crate) async fn hold(
    conn: &mut Connection,
    lead: &Lead,
    doing: &str,
) -> Result<(), StoreError> {
    let held = query(match conn.dialect() {
        Dialect::Sqlite => "SELECT epoch FROM leases WHERE name = $1 AND epoch = $2",
        Dialect::Postgres => {
            "SELECT epoch FROM leases WHERE name = $1 AND epoch = $2 FOR KEY SHARE"
        }
    });
    let held = held.bind(&*lead.name).bind(stored(lead.epoch));
    let held: Option<i64> = held.value_or_none(conn).await.doing(doing)?;
    held.map(drop).ok_or_else(|| lead.lost("another engine leads"))
}

async fn take(conn: &mut Connection, name: &str, holder: &str) -> Result<Option<u64>, StoreError> {
    const DOING: &str = "become the leader";
    let mut tx = begin(conn, DOING).await?;
    let taking = query(match tx.dialect() {
        Dialect::Sqlite => {
            "INSERT INTO leases (name, holder, epoch, expires_at) VALUES ($1, $2, 1, $3) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, \
             epoch = leases.epoch + 1 RETURNING epoch"
        }
        Dialect::Postgres => {
            "INSERT INTO leases (name, holder, epoch, expires_at) \
             VALUES ($1, $2, 1, now_us() + $3) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, \
             epoch = leases.epoch + 1, expires_at = excluded.expires_at \
             WHERE leases.expires_at < now_us() RETURNING epoch"
        }
    });
    let taking = taking.bind(name).bind(holder).bind(micros(TERM));
    let work = taking.value_or_none::<i64>(&mut tx).await.doing(DOING);
    let taken = finish(tx, work, DOING).await?;
    Ok(taken.map(i64::unsigned_abs))
}

async fn renew(conn: &mut Connection, lead: &Lead) -> Result<bool, sqlx::Error> {
    let renewal =
        query("UPDATE leases SET expires_at = now_us() + $3 WHERE name = $1 AND epoch = $2");
    let renewal = renewal.bind(&*lead.name).bind(stored(lead.epoch)).bind(micros(TERM));
    Ok(renewal.execute(conn).await? == 1)
}

async fn end(conn: &mut Connection, lead: &Lead) -> Result<(), StoreError> {
    query("UPDATE leases SET expires_at = 0 WHERE name = $1 AND epoch = $2")
        .bind(&*lead.name)
        .bind(stored(lead.epoch))
        .execute(conn)
        .await
        .map(drop)
        .doing("let another engine lead")
}

async fn holder(conn: &mut Connection, name: &str) -> Result<Option<String>, StoreError> {
    // A file's lock says who has it, and ends with its holder.
    if conn.dialect() == Dialect::Sqlite {
        return Ok(None);
    }
    query("SELECT holder FROM leases WHERE name = $1 AND expires_at >= now_us()")
        .bind(name)
        .value_or_none(conn)
        .await
        .doing("look who leads")
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[expect(clippy::disallowed_methods, reason = "how long ago an answer came is what is bounded")]
fn now() -> Monotonic {
    Monotonic::now()
}
