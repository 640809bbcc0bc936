//! Memory small and large holds what is written into it, and nothing else.

use super::*;

#[test]
fn memory_of_every_size_begins_with_zeros_and_keeps_what_is_written() {
    for count in [0, 1, MAPPED_MIN / 8 - 1, MAPPED_MIN / 8, MAPPED_MIN / 8 + 1, PAGE] {
        let mut memory = Memory::zeros(count);
        assert_eq!(memory.as_slice().len(), count);
        assert!(memory.as_slice().iter().all(|value| value.to_bits() == 0));
        for (place, value) in memory.as_mut_slice().iter_mut().enumerate() {
            *value = place as f64;
        }
        let copy = memory.clone();
        memory.as_mut_slice().fill(-1.0);
        let kept = copy.as_slice().iter().enumerate();
        assert!(kept.clone().all(|(place, value)| value.to_bits() == (place as f64).to_bits()));
        assert_eq!(kept.count(), count);
    }
}

#[test]
fn large_memory_is_mapped_and_small_memory_is_not() {
    let is_mapped = |count| matches!(Memory::zeros(count).0, Room::Pages { .. });
    assert_eq!([1_000, MAPPED_MIN / 8, 8_000_000].map(is_mapped), [false, true, true]);
}
