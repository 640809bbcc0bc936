//! The steps of the prelude and the steps that are carried out are the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use suho_check::World;

/// The prelude as it is.
struct Prelude;

impl World for Prelude {
    fn prelude(&self) -> Vec<(String, String)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib/prelude");
        let paths = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
        let name = |path: &Path| path.file_name().unwrap().display().to_string();
        let mut files: Vec<_> =
            paths.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect();
        files.sort();
        files
    }

    fn read(&self, _from: &str, path: &str) -> Result<(String, String), String> {
        Err(format!("the prelude does not use `{path}`"))
    }

    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

/// A signature that nothing carries out, and a step that nothing declares, both end here. What the
/// engine itself carries out is marked `@controller`; what an `exec` carries out says so.
#[test]
fn every_signature_has_a_step_and_every_step_a_signature() {
    let library = suho_check::check(&[], &Prelude).library;
    let processes = library.steps.values();
    let processes = processes.filter(|step| !step.is_controller && step.exec.is_none());
    let declared: BTreeSet<&str> = processes.map(|step| step.kind.as_str()).collect();
    let carried_out: BTreeSet<&str> = suho_steps::all().map(suho_step::Step::signature).collect();
    assert_eq!(declared, carried_out);
    assert!(declared.iter().all(|kind| suho_steps::find(kind).is_some()));
}
