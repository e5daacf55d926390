use bytes::{BufMut, BytesMut};
use proptest::prelude::*;

use super::{Frame, FrameDecoder, MAX_FRAME, put_plain, put_with_tail};
use crate::wire::Violation;

fn decoder() -> FrameDecoder {
    let mut decoder = FrameDecoder::new();
    decoder.allow_tails();
    decoder
}

fn decode(pieces: &[&[u8]]) -> Result<(Vec<Frame>, bool), Violation> {
    let mut decoder = decoder();
    let mut frames = Vec::new();
    for piece in pieces {
        decoder.space().put_slice(piece);
        while let Some(frame) = decoder.next()? {
            frames.push(frame);
        }
    }
    Ok((frames, decoder.is_partial()))
}

fn stream_of(frames: &[(Vec<u8>, Option<Vec<u8>>)]) -> BytesMut {
    let mut bytes = BytesMut::new();
    for (head, tail) in frames {
        match tail {
            Some(tail) => put_with_tail(&mut bytes, head, tail),
            None => put_plain(&mut bytes, head),
        }
    }
    bytes
}

// [PRO-8]
#[test]
fn frames_split_at_every_byte_give_the_same_frames() {
    let bytes = stream_of(&[
        (b"{\"type\":\"a\"}".to_vec(), None),
        (b"{}".to_vec(), Some(vec![0, 255, 128, 10])),
        (b"{}".to_vec(), Some(Vec::new())),
        (b"{\"b\":1}".to_vec(), None),
    ]);
    let whole = decode(&[&bytes]).unwrap();
    assert_eq!(whole.0.len(), 4);
    assert!(!whole.1);
    for first in 0..=bytes.len() {
        for second in first..=bytes.len() {
            let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
            assert_eq!(decode(&pieces).unwrap(), whole, "split at {first} and {second}");
        }
    }
}

// [PRO-8]
#[test]
fn lengths_out_of_bounds_are_refused_from_the_header_alone() {
    let over = (MAX_FRAME + 1) as u32;
    for header in [
        vec![0u32],
        vec![over],
        vec![0x7fff_ffff],
        vec![0xffff_ffff],
        vec![0x8000_0000],
        vec![0x8000_0004],
        vec![0x8000_0000 | over],
        vec![0x8000_0005, 0],
        vec![0x8000_0005, 2],
        vec![0x8000_0010, 0xffff_ffff],
    ] {
        let bytes: Vec<u8> = header.iter().flat_map(|value| value.to_be_bytes()).collect();
        assert!(decode(&[&bytes]).is_err(), "{header:x?}");
    }
}

// [PRO-8]
#[test]
fn the_largest_frame_is_taken_and_announced_bytes_take_no_memory() {
    let mut announced = decoder();
    announced.space().put_u32(MAX_FRAME as u32);
    assert_eq!(announced.next(), Ok(None));
    assert!(announced.space().capacity() < 1024 * 1024);

    let bytes = stream_of(&[(vec![b' '; MAX_FRAME], None)]);
    assert_eq!(decode(&[&bytes]).unwrap().0[0].head.len(), MAX_FRAME);
}

// [PRO-8]
#[test]
fn before_ready_a_frame_with_a_tail_is_refused() {
    let mut decoder = FrameDecoder::new();
    decoder.space().put_u32(0x8000_0010);
    assert!(decoder.next().is_err());
}

// [PRO-8]
#[test]
fn a_smaller_limit_of_the_host_counts() {
    let mut decoder = decoder();
    decoder.set_max_frame(10);
    decoder.space().put_u32(10);
    assert_eq!(decoder.next(), Ok(None));
    let mut decoder = self::decoder();
    decoder.set_max_frame(10);
    decoder.space().put_u32(11);
    assert!(decoder.next().is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    // [PRO-8]
    #[test]
    fn what_was_encoded_comes_back_however_it_is_cut(
        frames in prop::collection::vec(
            (prop::collection::vec(any::<u8>(), 1..200), prop::option::of(prop::collection::vec(any::<u8>(), 0..200))),
            0..8,
        ),
        cuts in prop::collection::vec(0usize..4000, 0..12),
    ) {
        let bytes = stream_of(&frames);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        let (decoded, partial) = decode(&pieces).unwrap();
        let decoded: Vec<_> =
            decoded.iter().map(|frame| (frame.head.to_vec(), frame.tail.as_ref().map(|tail| tail.to_vec()))).collect();
        prop_assert_eq!(decoded, frames);
        prop_assert!(!partial);
    }

    // [PRO-8]
    #[test]
    fn any_bytes_give_the_same_verdict_at_once_and_one_by_one(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(decode(&[&bytes]), decode(&single));
    }
}
