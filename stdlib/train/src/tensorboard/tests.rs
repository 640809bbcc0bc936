use super::*;

#[test]
fn the_checksum_is_castagnolis() {
    // RFC 3720, B.4.
    assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
    assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
}

#[test]
fn every_epoch_is_a_record() {
    let epoch = |epoch: usize| Epoch {
        epoch,
        epochs: 2,
        train_loss: 1.0 / epoch as f64,
        validation_loss: 0.5,
        validation_accuracy: 0.25,
        learning_rate: 0.001,
        best_so_far: true,
    };
    let bytes = tensorboard(&[epoch(1), epoch(2)], 1.5e9);
    let (mut rest, mut read) = (bytes.as_slice(), Vec::new());
    while let Some((length, after)) = rest.split_first_chunk::<8>() {
        let count = usize::try_from(u64::from_le_bytes(*length)).unwrap();
        let (of_length, after) = after.split_first_chunk::<4>().unwrap();
        let (data, after) = after.split_at(count);
        let (of_data, after) = after.split_first_chunk::<4>().unwrap();
        assert_eq!(u32::from_le_bytes(*of_length), masked(crc32c(length)));
        assert_eq!(u32::from_le_bytes(*of_data), masked(crc32c(data)));
        read.push(Event::decode(data).unwrap());
        rest = after;
    }
    assert_eq!((read.len(), read[0].file_version.as_str()), (3, FORMAT));
    let last = read[2].summary.clone().unwrap();
    assert_eq!((read[2].step, read[2].wall_time), (2, 1.5e9));
    assert_eq!((last.value[0].tag.as_str(), last.value[0].simple_value), ("loss/train", Some(0.5)));
}
