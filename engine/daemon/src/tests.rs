//! Whole daemons on a virtual clock, with attempts that outlive them, asked over HTTP.

mod asked;
mod described;
mod filled;
mod followed;
mod left;
mod people;
mod pushed;
mod secured;
pub(crate) mod shop;
mod turns;

use shop::{Shop, asks, at, post};
