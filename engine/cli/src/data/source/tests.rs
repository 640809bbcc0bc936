use super::usual_distance;

#[test]
fn most_bars_tell_how_long_one_lasts() {
    assert_eq!(usual_distance(&[0, 60, 120, 300, 360]), Some(60));
    // A tie goes to the shorter; what is repeated or runs backwards tells nothing.
    assert_eq!(usual_distance(&[0, 60, 180]), Some(60));
    assert_eq!(usual_distance(&[60, 60, 0]), None);
    assert_eq!(usual_distance(&[0]), None);
}
