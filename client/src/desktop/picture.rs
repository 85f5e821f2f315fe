//! Pictures from outside, made small enough to be shown: nothing is unpacked before its size is known to be bearable.

use std::io::Cursor;

use egui::ColorImage;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// What is not unpacked: a side, all points, and the memory that they take.
const SIDE: u32 = 20_000;
const POINTS: u64 = 60_000_000;
const MEMORY: u64 = 256 * 1024 * 1024;
/// The longer side of what is shown.
const SHOWN: u32 = 1_600;

/// Whether a kind of file can be shown here.
pub fn is_shown(media_type: &str) -> bool {
    format(media_type).is_some()
}

fn format(media_type: &str) -> Option<ImageFormat> {
    match media_type {
        "image/jpeg" => Some(ImageFormat::Jpeg),
        "image/png" => Some(ImageFormat::Png),
        _ => None,
    }
}

/// Upright, and no larger than a screen; or why not, in words.
pub fn read(media_type: &str, bytes: &[u8]) -> Result<ColorImage, String> {
    let format = format(media_type).ok_or("This kind of file is not shown here.")?;
    let unreadable = |_| "This picture cannot be read: it may be damaged.".to_owned();
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY);
    // The size is said in words below, before anything is unpacked.
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    let points = u64::from(width) * u64::from(height);
    if width > SIDE || height > SIDE || points > POINTS || decoder.total_bytes() > MEMORY {
        return Err(format!("This picture is too large to be shown here: {width} by {height} points."));
    }
    let upright = decoder.orientation().map_err(unreadable)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    if width > SHOWN || height > SHOWN {
        picture = picture.thumbnail(SHOWN, SHOWN);
    }
    picture.apply_orientation(upright);
    let picture = picture.into_rgba8();
    let size = [picture.width() as usize, picture.height() as usize];
    Ok(ColorImage::from_rgba_unmultiplied(size, picture.as_raw()))
}

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::JpegEncoder;
    use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage};

    use super::*;

    fn picture(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(
            width,
            height,
            |x, _| if x < width / 2 { Rgb([250, 0, 0]) } else { Rgb([0, 0, 250]) },
        )
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        picture(width, height).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes
    }

    fn jpeg(width: u32, height: u32, exif: Option<Vec<u8>>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new(&mut bytes);
        if let Some(exif) = exif {
            encoder.set_exif_metadata(exif).unwrap();
        }
        encoder.write_image(&picture(width, height), width, height, ExtendedColorType::Rgb8).unwrap();
        bytes
    }

    #[test]
    fn pictures_are_shown_upright_and_no_larger_than_a_screen() {
        // A telephone that was held on its side: to be turned by a quarter.
        let turned = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        for (kind, bytes, size) in [
            ("image/png", png(30, 20), [30, 20]),
            ("image/jpeg", jpeg(30, 20, None), [30, 20]),
            ("image/jpeg", jpeg(30, 20, Some(turned)), [20, 30]),
            ("image/png", png(3_200, 1_000), [1_600, 500]),
        ] {
            assert_eq!(read(kind, &bytes).unwrap().size, size);
        }
    }

    #[test]
    fn what_would_take_too_much_memory_is_not_unpacked() {
        // A few bytes that say that they are a hundred million points.
        for (at, side) in [(16, 50_000_u32), (16, 19_000)] {
            let mut bytes = png(30, 20);
            bytes[at..at + 4].copy_from_slice(&side.to_be_bytes());
            bytes[at + 4..at + 8].copy_from_slice(&side.to_be_bytes());
            let check = crc(&bytes[12..29]);
            bytes[29..33].copy_from_slice(&check.to_be_bytes());
            let said = read("image/png", &bytes).unwrap_err();
            assert!(said.contains("too large") && said.contains(&side.to_string()), "{said}");
        }
        let mut bytes = jpeg(30, 20, None);
        let frame = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        bytes[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
        assert!(read("image/jpeg", &bytes).unwrap_err().contains("too large"));
    }

    #[test]
    fn damaged_ones_are_told_in_words_wherever_the_damage_is() {
        for (kind, whole) in [("image/png", png(40, 30)), ("image/jpeg", jpeg(40, 30, None))] {
            for end in 0..whole.len() {
                let _ = read(kind, &whole[..end]);
                let mut bent = whole.clone();
                bent[end] ^= 0x55;
                let _ = read(kind, &bent);
            }
            assert!(read(kind, &whole[..30]).is_err());
        }
        assert!(read("image/png", &jpeg(4, 4, None)).is_err());
        assert!(read("application/pdf", b"%PDF-1.7").is_err());
    }

    fn crc(bytes: &[u8]) -> u32 {
        let mut crc = u32::MAX;
        for byte in bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
            }
        }
        !crc
    }
}
