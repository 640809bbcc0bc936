//! stub
use crate::failure::Failure; use crate::project::Project; use suho_driver::ports::RunRow; use suho_driver::Setting; use suho_forecast::Forecast; use suho_plan::Plan;
pub(crate) struct Replay;
impl suho_driver::world::Traffic for Replay { fn route(&mut self,_:&suho_driver::registry::RouteRow)->Result<(),suho_driver::world::WorldError>{Ok(())} }
impl suho_driver::world::Evidence for Replay { fn now(&self)->suho_domain::Instant{suho_domain::Instant::from_micros(0)} fn begin(&mut self,_:&suho_driver::world::RolloutFacts,_:Option<suho_driver::world::Resumed>)->Result<(),suho_driver::world::WorldError>{Ok(())} fn look(&mut self)->Result<suho_driver::world::Look,suho_driver::world::WorldError>{Ok(suho_driver::world::Look::OutOfBars)} fn end(&mut self){} }
pub(crate) fn world(_:&Project,_:&Plan,_:&Forecast,_:&Setting,_:&RunRow)->Result<Replay,Failure>{Ok(Replay)}
