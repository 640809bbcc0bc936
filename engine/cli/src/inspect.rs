//! stub
use crate::args::*; use crate::failure::Failure; use crate::terminal::Terminal;
fn no() -> Result<u8, Failure> { Err(Failure::user("stub","stub")) }
pub(crate) fn ps(_:&Ps)->Result<u8,Failure>{no()} pub(crate) fn status(_:&OfRun)->Result<u8,Failure>{no()} pub(crate) fn logs(_:&Logs)->Result<u8,Failure>{no()} pub(crate) fn why(_:&Why)->Result<u8,Failure>{no()} pub(crate) fn cancel(_:&Cancel,_:Terminal)->Result<u8,Failure>{no()} pub(crate) fn model(_:&Model)->Result<u8,Failure>{no()}
