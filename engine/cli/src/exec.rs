//! `suho exec FOLDER`: carries out one attempt in a process of its own.

use crate::args::Exec;
use crate::connections::Outside;
use crate::project::reason;
use crate::terminal::err;
use suho_domain::Fault;
use suho_executors::shim;
use suho_step::{Inputs, StepError};

/// Does what the folder's `attempt.json` orders; the answer stands in `outcome.json`.
pub(crate) fn exec(args: &Exec) -> u8 {
    let folder = match std::fs::canonicalize(&args.folder) {
        Ok(folder) => folder,
        Err(error) => {
            err(&format!("error: no attempt in `{}`: {}\n", args.folder.display(), reason(&error)));
            return Fault::User.exit_code();
        }
    };
    if args.confined {
        return shim::confined(&folder);
    }
    shim::exec(&folder, &|order, context| {
        let unknown = || {
            let message = format!("this suho has no step `{}`", order.kind);
            StepError::bug("unknown-step", message)
        };
        let inputs = Inputs::new(order.inputs.clone());
        suho_steps::carry_out(&order.kind, context, &inputs, &Outside)
            .unwrap_or_else(|| Err(unknown()))
    })
}
