//! Whole daemons on a virtual clock, with attempts that outlive them, asked over HTTP.

mod asked;
mod followed;
mod left;
mod people;
pub(crate) mod shop;

use shop::{Shop, asks, at, post};
