use super::*;

#[test]
fn the_first_step_is_as_long_as_the_learning_rate() {
    let mut weights = vec![vec![1.0, -1.0], vec![0.5]];
    let mut memory = Memory::of(&weights);
    let gradients = [vec![3.0, -0.002], vec![0.0]];
    memory.step(&Adam::default(), 0.1, &mut weights, &gradients, &[false, false]);
    for (ours, exact) in weights.iter().flatten().zip([0.9, -0.9, 0.5]) {
        assert!((ours - exact).abs() < 1e-5, "{weights:?}");
    }
    assert_eq!(memory.steps, 1);
}

#[test]
fn only_what_decays_shrinks() {
    let mut weights = vec![vec![2.0], vec![2.0]];
    let mut memory = Memory::of(&weights);
    let adam = Adam { weight_decay: 0.5, ..Adam::default() };
    memory.step(&adam, 0.1, &mut weights, &[vec![0.0], vec![0.0]], &[true, false]);
    assert_eq!(weights, [[1.9], [2.0]]);
}

#[test]
fn a_long_gradient_is_shortened_as_one_vector_and_a_short_one_stays() {
    let mut gradients = [vec![3.0], vec![4.0]];
    clip(&mut gradients, 10.0);
    assert_eq!(gradients, [[3.0], [4.0]]);
    clip(&mut gradients, 1.0);
    assert_eq!(gradients, [[0.6], [0.8]]);
}
