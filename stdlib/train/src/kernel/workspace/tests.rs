use super::*;

fn spares(workspace: &Workspace) -> Vec<usize> {
    workspace.0.lock().unwrap().iter().map(Vec::capacity).collect()
}

#[test]
fn a_buffer_given_back_is_taken_again() {
    let workspace = Workspace::default();
    let [large, small] = [100, 10].map(|len| workspace.room(len));
    let at = small.as_ptr();
    drop((large, small));
    assert_eq!(spares(&workspace), [100, 10]);
    // The smallest that holds it; the large one stays for who needs it.
    let again = workspace.zeros(7);
    assert_eq!((again.as_ptr(), &*again), (at, [0.0; 7].as_slice()));
    assert_eq!(spares(&workspace), [100]);
}

#[test]
fn what_leaves_for_good_is_not_given_back() {
    let workspace = Workspace::default();
    assert_eq!(workspace.repeated(&[1.0, 2.0], 2).into_vec(), [1.0, 2.0, 1.0, 2.0]);
    assert!(spares(&workspace).is_empty());
}

#[test]
fn a_clone_has_numbers_of_its_own() {
    let mut one = Workspace::default().zeros(2);
    let other = one.clone();
    one.fill(1.0);
    assert_eq!((&*one, &*other), ([1.0; 2].as_slice(), [0.0; 2].as_slice()));
}
