//! A training's history as a file that TensorBoard draws.
//!
//! Source: the framing of TFRecord (length, its checksum, data, theirs) and the fields of TensorFlow's
//! `event.proto` and `summary.proto`; the event reader of tensorboard 2.21 accepts the file
//! (`benches/tensorboard_read.py`).

#[cfg(test)]
mod tests;

use prost::Message;

use crate::fit::Epoch;

/// What the first event of a file says.
const FORMAT: &str = "brain.Event:2";

/// `tensorflow.Event`.
#[derive(Clone, PartialEq, Message)]
struct Event {
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(string, tag = "3")]
    file_version: String,
    #[prost(message, optional, tag = "5")]
    summary: Option<Summary>,
}

/// `tensorflow.Summary`.
#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    value: Vec<Value>,
}

/// `tensorflow.Summary.Value` of a plain number.
#[derive(Clone, PartialEq, Message)]
struct Value {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, optional, tag = "2")]
    simple_value: Option<f32>,
}

/// The bytes of an event file: a point an epoch for each loss, the accuracy and the learning rate.
///
/// `wall_time`: seconds since 1970 UTC that every event is stamped with, so that equal trainings give
/// equal bytes.
pub fn tensorboard(history: &[Epoch], wall_time: f64) -> Vec<u8> {
    let first = Event { wall_time, file_version: FORMAT.to_owned(), ..Event::default() };
    let events = history.iter().map(|epoch| Event {
        wall_time,
        step: i64::try_from(epoch.epoch).unwrap_or(i64::MAX),
        summary: Some(Summary { value: points(epoch) }),
        ..Event::default()
    });
    std::iter::once(first).chain(events).flat_map(|event| record(&event.encode_to_vec())).collect()
}

fn points(epoch: &Epoch) -> Vec<Value> {
    let point = |tag: &str, number: f64| Value {
        tag: tag.to_owned(),
        simple_value: Some(crate::random::narrow(number)),
    };
    vec![
        point("loss/train", epoch.train_loss),
        point("loss/validation", epoch.validation_loss),
        point("accuracy/validation", epoch.validation_accuracy),
        point("learning_rate", epoch.learning_rate),
    ]
}

/// `data` as one record: both checksums are stored so that a record of checksums is none by chance.
fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let checks = [&length[..], data].map(|bytes| masked(crc32c(bytes)).to_le_bytes());
    let [of_length, of_data] = checks;
    [&length[..], &of_length, data, &of_data].concat()
}

fn masked(check: u32) -> u32 {
    check.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// Castagnoli's checksum, bit by bit: a file has a few kilobytes.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |check, byte| {
        (0..8).fold(check ^ u32::from(*byte), |check, _| {
            (check >> 1) ^ (0x82f6_3b78 & 0_u32.wrapping_sub(check & 1))
        })
    })
}
