//! The router: serves by the newest route that it has heard of, whoever is up. Engines tell it of
//! routes; what they could not tell it finds in the store.

use crate::bug::Bug;
use crate::storm::{Happening, Storm};
use suho_domain::Duration;
use suho_driver::registry::RouteRow;

/// Longest time between two looks at the store.
const LOOK_MAX: Duration = Duration::from_minutes(20);

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Router {
    pub(crate) route: Option<RouteRow>,
    is_to_look: bool,
}

impl Storm<'_> {
    /// The router hears of a route.
    pub(crate) fn route_to(&self, route: &RouteRow) {
        let mut router = self.router.borrow_mut();
        let known = router.route.as_ref().map_or(0, |route| route.generation);
        let is_newer = route.generation > known;
        if !is_newer {
            self.count(|tally| tally.stale_routes += u64::from(route.generation < known));
        }
        if is_newer || self.has(Bug::RouterBack) {
            if route.generation < known {
                let to = route.generation;
                self.breaks("I5", format!("the router went back from {known} to {to}"));
            }
            router.route = Some(route.clone());
        }
    }

    /// A route is in the store: the router will find it there.
    pub(crate) fn announce(&self) {
        let is_new = !std::mem::replace(&mut self.router.borrow_mut().is_to_look, true);
        if is_new && !self.has(Bug::RouterDeaf) {
            let wait = self.chance.span(Duration::from_seconds(1), LOOK_MAX);
            self.put(self.now().plus(wait), Happening::Poll);
        }
    }

    /// The router looks into the store.
    pub(crate) fn follow(&self) {
        self.router.borrow_mut().is_to_look = false;
        let newest = self.base.borrow().registry.routes.last().cloned();
        if let Some(newest) = newest {
            self.route_to(&newest);
        }
    }
}
