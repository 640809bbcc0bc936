//! What the registry knows about a place in production.

use crate::connection::Connection;
use crate::{models, rollouts, routes};
use suho_domain::{BasisPoints, ModelStatus, Slot};
use suho_driver::ports::{SlotFacts, StoreError};

/// Everything about `slot`, its models verified.
pub(crate) async fn read(conn: &mut Connection, slot: &Slot) -> Result<SlotFacts, StoreError> {
    let versions = models::versions(conn, slot).await?;
    // Versions of one name may stand in several slots of a scope; this one's champion is wanted.
    let production = versions
        .iter()
        .find(|model| model.slot == *slot && model.status == ModelStatus::Production)
        .cloned();
    let newest = routes::of_slot(conn, slot).await?.pop();
    Ok(SlotFacts {
        production,
        versions,
        generation: newest.as_ref().map_or(0, |route| route.row.generation),
        share: newest.and_then(|route| route.row.candidate).map_or(BasisPoints::NONE, |(_, bp)| bp),
        live: rollouts::live(conn, slot).await?,
    })
}
