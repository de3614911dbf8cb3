//! Custom emoji of an instance.

use bytes::Bytes;
use image::{Frame, ImageFormat, Rgba, RgbaImage, codecs::gif::GifEncoder};
use pouet_model::status::Visibility;
use pouet_service::{
    Error,
    emojis::{self, Added, NewEmoji},
    media, statuses,
};

use crate::common::{World, on_each_database, people::post};

fn drawn(side: u32, format: ImageFormat) -> Bytes {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = RgbaImage::from_pixel(side, side, Rgba([200, 10, 10, 128]));
    image::DynamicImage::from(picture)
        .to_rgb8()
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner().into()
}

fn animation() -> Bytes {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for shade in [10, 200] {
        let frame = RgbaImage::from_pixel(8, 8, Rgba([shade, 0, 0, 255]));
        encoder.encode_frame(Frame::new(frame)).unwrap();
    }
    drop(encoder);
    bytes.into()
}

fn new(shortcode: &str, picture: Bytes) -> NewEmoji {
    NewEmoji {
        shortcode: shortcode.to_owned(),
        category: Some("Cats".to_owned()),
        visible: true,
        picture,
        replace: false,
    }
}

async fn key(world: &World, shortcode: &str) -> String {
    let found = emojis::list(world).await.unwrap();
    let one = found
        .into_iter()
        .find(|picker| picker.emoji.shortcode == shortcode);
    one.unwrap().emoji.image
}

#[tokio::test]
async fn emoji_are_added_used_replaced_and_removed() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let png = drawn(16, ImageFormat::Png);
        assert_eq!(
            emojis::add(&world, new("blobcat", png.clone())).await.unwrap(),
            Added::New
        );
        assert_eq!(
            emojis::add(&world, new("blobcat", png.clone())).await.unwrap(),
            Added::Kept
        );
        let listed = emojis::list(&world).await.unwrap();
        assert_eq!(
            (listed.len(), listed[0].category.as_deref(), listed[0].visible),
            (1, Some("Cats"), true)
        );
        let first = key(&world, "blobcat").await;
        assert_eq!(
            media::open(&world, &first).await.unwrap().content_type,
            "image/png"
        );
        let id = post(&world, &ada, "hello :blobcat: :nobody:", Visibility::Public).await;
        let used = statuses::find(&world, None, id).await.unwrap().status.emojis;
        assert_eq!(
            (used.len(), used[0].shortcode.as_str(), &used[0].image),
            (1, "blobcat", &first)
        );
        let other = NewEmoji {
            replace: true,
            visible: false,
            ..new("blobcat", animation())
        };
        assert_eq!(emojis::add(&world, other).await.unwrap(), Added::Replaced);
        let listed = emojis::list(&world).await.unwrap();
        assert_eq!((listed.len(), listed[0].visible), (1, false));
        // An animation moves, and has a still beside it.
        let emoji = &listed[0].emoji;
        assert_eq!(
            media::open(&world, &emoji.image).await.unwrap().content_type,
            "image/gif"
        );
        assert_eq!(
            media::open(&world, &emoji.still()).await.unwrap().content_type,
            "image/png"
        );
        emojis::remove(&world, ":blobcat:").await.unwrap();
        assert!(matches!(
            emojis::remove(&world, "blobcat").await,
            Err(Error::NotFound)
        ));
        assert!(emojis::list(&world).await.unwrap().is_empty());
        assert!(
            media::open(&world, &first).await.is_ok(),
            "posts that use it keep it"
        );
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_an_emoji_is_refused() {
    on_each_database(async |world| {
        let png = drawn(16, ImageFormat::Png);
        let mut huge = png.to_vec();
        huge.resize(256 * 1024 + 1, 0);
        for (case, wrong) in [
            ("a name with a space", new("blob cat", png.clone())),
            ("a name of one letter", new("x", png.clone())),
            ("a long name", new(&"x".repeat(101), png.clone())),
            ("a large file", new("large", huge.into())),
            ("a large picture", new("wide", drawn(513, ImageFormat::Png))),
            ("a photograph", new("photo", drawn(16, ImageFormat::Jpeg))),
            (
                "a drawing",
                new(
                    "svg",
                    Bytes::from_static(b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
                ),
            ),
            ("a broken file", new("broken", png.slice(..20))),
            (
                "a category of two lines",
                NewEmoji {
                    category: Some("a\nb".to_owned()),
                    ..new("ok", png.clone())
                },
            ),
        ] {
            let refused = emojis::add(&world, wrong).await;
            assert!(
                matches!(refused, Err(Error::Invalid { .. })),
                "{case}: {refused:?}"
            );
        }
        assert!(emojis::list(&world).await.unwrap().is_empty());
    })
    .await;
}
