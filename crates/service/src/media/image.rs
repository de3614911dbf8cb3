//! Pictures: decoding under limits, metadata removed, variants, blurhash.

use std::{
    io::Cursor,
    sync::{Arc, LazyLock},
};

use ::image::{
    AnimationDecoder, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits,
    codecs::{
        gif::{GifDecoder, GifEncoder, Repeat},
        jpeg::JpegEncoder,
    },
    imageops::FilterType,
};
use bytes::Bytes;
use pouet_model::status::Size;
use tokio::sync::Semaphore;

use crate::{
    error::{Error, Result},
    instance::Instance,
};

/// MIME types that may be uploaded.
pub const SUPPORTED_TYPES: &[&str] = &["image/jpeg", "image/png", "image/gif", "image/webp"];

/// Most pixels of a stored original: larger ones are reduced, as on Mastodon.
const ORIGINAL_PIXELS: u64 = 8_294_400;
/// Most pixels of the small variant (640 x 360).
const SMALL_PIXELS: u64 = 230_400;
/// Longest side of an emoji.
const EMOJI_SIDE: u32 = 512;
/// Longest side of a picture, before it is even decoded.
const MAX_SIDE: u32 = 16_384;
/// Most frames of an animation.
const MAX_FRAMES: usize = 500;
/// Memory that one decoder may take.
const DECODER_BYTES: u64 = 256 * 1024 * 1024;
/// Quality of JPEG files written here.
const JPEG_QUALITY: u8 = 88;
/// Longest side of the copy that the blurhash is computed from.
const BLURHASH_SIDE: u32 = 48;

/// Pictures processed at the same time: decoding is heavy in time and memory.
static WORKERS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    Arc::new(Semaphore::new(
        std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
    ))
});

/// Which picture of an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PictureKind {
    /// Square, 400 x 400 at most.
    Avatar,
    /// Wide, 1500 x 500 at most.
    Header,
}

impl PictureKind {
    /// Folder in the media store.
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Avatar => "avatars",
            Self::Header => "headers",
        }
    }

    fn size(self) -> (u32, u32) {
        match self {
            Self::Avatar => (400, 400),
            Self::Header => (1500, 500),
        }
    }
}

/// What a picture is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    Attachment,
    Picture(PictureKind),
    Emoji,
    /// Of another server: one that is too large is reduced, and does not move then.
    RemoteEmoji,
}

/// A picture written anew.
pub(crate) struct Encoded {
    pub(crate) bytes: Bytes,
    pub(crate) content_type: &'static str,
    pub(crate) extension: &'static str,
    pub(crate) size: Size,
}

/// All that is made of a picture.
pub(crate) struct Processed {
    pub(crate) original: Encoded,
    pub(crate) small: Encoded,
    pub(crate) blurhash: String,
}

/// Processes a picture on a worker thread.
pub(super) async fn process(instance: &Instance, bytes: Bytes, purpose: Purpose) -> Result<Processed> {
    let limits = instance.limits();
    if bytes.len() > limits.image_bytes {
        return Err(Error::invalid("file", "ERR_TOO_LONG", "File is too large"));
    }
    let max_pixels = limits.image_pixels;
    let permit = WORKERS.clone().acquire_owned().await.map_err(Error::internal)?;
    let work = move || {
        let _permit = permit;
        process_here(&bytes, max_pixels, purpose)
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| broken())?
}

fn broken() -> Error {
    Error::invalid("file", "ERR_INVALID", "File could not be read as a picture")
}

fn unsupported() -> Error {
    Error::invalid("file", "ERR_INVALID", "File content type is not supported")
}

pub(crate) fn process_here(bytes: &[u8], max_pixels: u64, purpose: Purpose) -> Result<Processed> {
    let format = ::image::guess_format(bytes).map_err(|_| unsupported())?;
    let picture = decode(bytes, format, max_pixels)?;
    if purpose == Purpose::Emoji && picture.width().max(picture.height()) > EMOJI_SIDE {
        let reason = format!("File is larger than {EMOJI_SIDE} x {EMOJI_SIDE} pixels");
        return Err(Error::invalid("file", "ERR_INVALID", reason));
    }
    let small = encode(&within(&picture, SMALL_PIXELS), format)?;
    let blurhash = blurhash_of(&picture)?;
    let is_small = picture.width().max(picture.height()) <= EMOJI_SIDE;
    let original = match purpose {
        Purpose::Attachment | Purpose::Emoji if format == ImageFormat::Gif => animation(bytes, &picture)?,
        Purpose::RemoteEmoji if format == ImageFormat::Gif && is_small => animation(bytes, &picture)?,
        Purpose::RemoteEmoji if is_small => encode(&picture, ImageFormat::Png)?,
        Purpose::RemoteEmoji => encode(&picture.thumbnail(EMOJI_SIDE, EMOJI_SIDE), ImageFormat::Png)?,
        Purpose::Emoji => encode(&picture, ImageFormat::Png)?,
        Purpose::Attachment => encode(&within(&picture, ORIGINAL_PIXELS), format)?,
        Purpose::Picture(kind) => encode(&filling(&picture, kind.size()), format)?,
    };
    Ok(Processed {
        original,
        small,
        blurhash,
    })
}

/// Decodes the picture (of an animation, its first frame) upright. Its size is looked at before its pixels are.
fn decode(bytes: &[u8], format: ImageFormat, max_pixels: u64) -> Result<DynamicImage> {
    use ImageFormat::{Gif, Jpeg, Png, WebP};
    if !matches!(format, Jpeg | Png | Gif | WebP) {
        return Err(unsupported());
    }
    let (width, height) = ImageReader::with_format(Cursor::new(bytes), format)
        .into_dimensions()
        .map_err(|_| broken())?;
    if width.max(height) > MAX_SIDE || u64::from(width) * u64::from(height) > max_pixels {
        let reason = format!("{width}x{height} images are not supported");
        return Err(Error::invalid("file", "ERR_INVALID", reason));
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODER_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| broken())?;
    let orientation = decoder.orientation().map_err(|_| broken())?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| broken())?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// The picture, reduced if it has more pixels than `max`.
fn within(picture: &DynamicImage, max: u64) -> DynamicImage {
    let pixels = u64::from(picture.width()) * u64::from(picture.height());
    if pixels <= max {
        return picture.clone();
    }
    let factor = (max as f64 / pixels as f64).sqrt();
    let side = |length: u32| ((f64::from(length) * factor).floor() as u32).max(1);
    picture.resize_exact(
        side(picture.width()),
        side(picture.height()),
        FilterType::CatmullRom,
    )
}

/// The middle of the picture in the given proportions, not larger than the given size.
fn filling(picture: &DynamicImage, (width, height): (u32, u32)) -> DynamicImage {
    let factor = f64::from(picture.width()) / f64::from(width);
    let factor = factor
        .min(f64::from(picture.height()) / f64::from(height))
        .min(1.0);
    let side = |length: u32| ((f64::from(length) * factor).round() as u32).max(1);
    picture.resize_to_fill(side(width), side(height), FilterType::CatmullRom)
}

/// JPEG for what came as JPEG or has nothing transparent and came as WebP, PNG for the rest. Nothing but pixels is
/// written.
fn encode(picture: &DynamicImage, format: ImageFormat) -> Result<Encoded> {
    let size = Size {
        width: picture.width(),
        height: picture.height(),
    };
    let lossy = match format {
        ImageFormat::Jpeg => true,
        ImageFormat::WebP => !picture.color().has_alpha(),
        _ => false,
    };
    let mut bytes = Vec::new();
    if lossy {
        let encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
        picture
            .to_rgb8()
            .write_with_encoder(encoder)
            .map_err(Error::internal)?;
        return Ok(Encoded {
            bytes: bytes.into(),
            content_type: "image/jpeg",
            extension: "jpg",
            size,
        });
    }
    picture
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .map_err(Error::internal)?;
    Ok(Encoded {
        bytes: bytes.into(),
        content_type: "image/png",
        extension: "png",
        size,
    })
}

/// An animation keeps its frames; a GIF of one frame is a picture like any other.
fn animation(bytes: &[u8], first: &DynamicImage) -> Result<Encoded> {
    let decoder = GifDecoder::new(Cursor::new(bytes)).map_err(|_| broken())?;
    let mut written = Vec::new();
    let mut count = 0;
    {
        let mut encoder = GifEncoder::new_with_speed(&mut written, 10);
        encoder.set_repeat(Repeat::Infinite).map_err(Error::internal)?;
        for frame in decoder.into_frames() {
            count += 1;
            if count > MAX_FRAMES {
                return Err(Error::invalid(
                    "file",
                    "ERR_INVALID",
                    "The animation has too many frames",
                ));
            }
            encoder
                .encode_frame(frame.map_err(|_| broken())?)
                .map_err(Error::internal)?;
        }
    }
    if count < 2 {
        return encode(&within(first, ORIGINAL_PIXELS), ImageFormat::Png);
    }
    let size = Size {
        width: first.width(),
        height: first.height(),
    };
    Ok(Encoded {
        bytes: written.into(),
        content_type: "image/gif",
        extension: "gif",
        size,
    })
}

/// Four by three components, turned for upright pictures.
fn blurhash_of(picture: &DynamicImage) -> Result<String> {
    let tiny = picture.thumbnail(BLURHASH_SIDE, BLURHASH_SIDE).to_rgba8();
    let (x, y) = if tiny.height() > tiny.width() {
        (3, 4)
    } else {
        (4, 3)
    };
    blurhash::encode(x, y, tiny.width(), tiny.height(), tiny.as_raw()).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "security rules are named by their number, R0nn")]

    use super::*;
    use ::image::{Frame, Rgb, RgbImage, Rgba, RgbaImage};

    fn jpeg_with_exif() -> Vec<u8> {
        let mut plain = Vec::new();
        let picture = RgbImage::from_fn(40, 20, |x, _| {
            if x < 20 {
                Rgb([250, 0, 0])
            } else {
                Rgb([0, 0, 250])
            }
        });
        picture
            .write_with_encoder(JpegEncoder::new(&mut plain))
            .expect("encodes");
        // An Exif segment: orientation 6 (turn right) and a text that must not survive.
        let mut tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        tiff.extend(b"GPS 48.8566 2.3522");
        let mut segment = b"Exif\0\0".to_vec();
        segment.extend(tiff);
        let length = u16::try_from(segment.len() + 2).expect("short").to_be_bytes();
        let mut file = plain[..2].to_vec();
        file.extend([0xFF, 0xE1]);
        file.extend(length);
        file.extend(segment);
        file.extend(&plain[2..]);
        file
    }

    fn processed(bytes: &[u8]) -> Processed {
        process_here(bytes, 33_177_600, Purpose::Attachment).expect("a picture")
    }

    #[test]
    fn large_emoji_of_others_are_reduced_and_ours_refused() {
        let mut file = Cursor::new(Vec::new());
        RgbaImage::from_pixel(1024, 512, Rgba([9, 9, 9, 9]))
            .write_to(&mut file, ImageFormat::Png)
            .expect("encodes");
        let file = file.into_inner();
        let made = process_here(&file, 33_177_600, Purpose::RemoteEmoji).expect("a picture");
        let size = Size {
            width: 512,
            height: 256,
        };
        assert_eq!((made.original.size, made.original.extension), (size, "png"));
        assert!(process_here(&file, 33_177_600, Purpose::Emoji).is_err());
    }

    #[test]
    fn sec_R060_metadata_is_removed_and_orientation_applied() {
        let file = jpeg_with_exif();
        assert!(file.windows(3).any(|window| window == b"GPS"));
        let made = processed(&file);
        assert_eq!(
            made.original.size,
            Size {
                width: 20,
                height: 40
            },
            "turned upright"
        );
        for bytes in [&made.original.bytes, &made.small.bytes] {
            assert!(!bytes.windows(3).any(|window| window == b"GPS"));
            assert!(!bytes.windows(4).any(|window| window == b"Exif"));
        }
    }

    #[test]
    fn sec_R059_only_the_first_bytes_decide() {
        for (bytes, name) in [
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), "svg"),
            (b"<html><script>alert(1)</script>".to_vec(), "html"),
            (b"%PDF-1.4".to_vec(), "pdf"),
            (b"{\"type\":\"Note\"}".to_vec(), "json"),
            (b"BM\0\0\0\0".to_vec(), "bmp"),
            (b"\x89PNG\r\n\x1a\nrubbish".to_vec(), "broken png"),
            (Vec::new(), "nothing"),
        ] {
            let result = process_here(&bytes, 33_177_600, Purpose::Attachment);
            assert!(matches!(result, Err(Error::Invalid { .. })), "{name}");
        }
    }

    #[test]
    fn sec_R058_size_is_refused_before_pixels_are_decoded() {
        let mut png = Vec::new();
        RgbImage::new(300, 300)
            .write_to(&mut Cursor::new(&mut png), ImageFormat::Png)
            .expect("encodes");
        assert!(matches!(
            process_here(&png, 89_999, Purpose::Attachment),
            Err(Error::Invalid { .. })
        ));
        assert!(process_here(&png, 90_000, Purpose::Attachment).is_ok());
        // A header that promises 50,000 x 50,000 pixels.
        png[16..20].copy_from_slice(&50_000u32.to_be_bytes());
        png[20..24].copy_from_slice(&50_000u32.to_be_bytes());
        assert!(process_here(&png, u64::MAX, Purpose::Attachment).is_err());
    }

    #[test]
    fn variants_keep_proportions_and_transparency() {
        let mut png = Vec::new();
        RgbaImage::from_pixel(2000, 1000, Rgba([9, 9, 9, 100]))
            .write_to(&mut Cursor::new(&mut png), ImageFormat::Png)
            .expect("encodes");
        let made = processed(&png);
        assert_eq!(made.original.content_type, "image/png");
        assert_eq!(
            made.original.size,
            Size {
                width: 2000,
                height: 1000
            }
        );
        assert!(u64::from(made.small.size.width) * u64::from(made.small.size.height) <= SMALL_PIXELS);
        assert_eq!(made.small.size.width / made.small.size.height, 2);
        assert!(made.blurhash.len() > 6);
        let avatar =
            process_here(&png, 33_177_600, Purpose::Picture(PictureKind::Avatar)).expect("a picture");
        assert_eq!(
            avatar.original.size,
            Size {
                width: 400,
                height: 400
            }
        );
    }

    #[test]
    fn animations_stay_animations() {
        let mut gif = Vec::new();
        {
            let mut encoder = GifEncoder::new(&mut gif);
            for shade in [10, 200] {
                encoder
                    .encode_frame(Frame::new(RgbaImage::from_pixel(8, 8, Rgba([shade, 0, 0, 255]))))
                    .expect("encodes");
            }
        }
        let made = processed(&gif);
        assert_eq!(made.original.content_type, "image/gif");
        assert_eq!(made.small.content_type, "image/png");
    }
}
