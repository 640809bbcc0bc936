//! What the registry knows about a place in production.

use crate::connection::Connection;
use crate::{models, rollouts, routes};
use suho_domain::{ModelStatus, Slot};
use suho_driver::ports::{SlotFacts, StoreError};

/// Everything about `slot`, its models verified.
pub(crate) async fn read(conn: &mut Connection, slot: &Slot) -> Result<SlotFacts, StoreError> {
    let versions = models::versions(conn, slot).await?;
    // Versions of one name may stand in several slots of a scope; this one's champion is wanted.
    let production = versions
        .iter()
        .find(|model| model.slot == *slot && model.status == ModelStatus::Production)
        .cloned();
    Ok(SlotFacts {
        production,
        versions,
        route: routes::of_slot(conn, slot).await?.pop().map(|route| route.row),
        live: rollouts::live(conn, slot).await?,
    })
}
