use super::*;
use crate::golden::{file, numbers};

#[test]
fn draws_are_those_of_the_generator_bit_for_bit() {
    let golden = file("prng_check.json");
    let mut stream = Stream::new(42);
    let uniforms: Vec<f64> = (0..8).map(|_| stream.uniform()).collect();
    assert_eq!(uniforms, numbers(&golden["splitmix64_seed42_first8"]));
    let mut stream = Stream::new(42);
    let normals: Vec<f64> = (0..4).map(|_| stream.normal()).collect();
    assert_eq!(normals, numbers(&golden["g12_seed42_first4"]));
}

#[test]
fn parts_of_a_seed_differ_from_it_and_from_each_other() {
    let mut first: Vec<u64> = (0..1_000).map(|part| Stream::part(7, part).bits()).collect();
    first.push(Stream::new(7).bits());
    first.sort_unstable();
    first.dedup();
    assert_eq!(first.len(), 1_001);
    assert_eq!(Stream::part(7, 3).bits(), Stream::part(7, 3).bits());
}

#[test]
fn every_place_is_drawn_equally_often() {
    let mut stream = Stream::new(1);
    let mut counts = [0_u32; 7];
    for _ in 0..70_000 {
        counts[stream.below(NonZeroUsize::new(7).unwrap())] += 1;
    }
    // Five standard errors.
    assert!(counts.iter().all(|count| count.abs_diff(10_000) < 463), "{counts:?}");
}
