//! <https://docs.joinmastodon.org/methods/media/>

use actix_web::HttpResponse;
use pouet_service::media::{self, MediaUpdate, Upload};

use crate::{
    call::Call,
    entities::media::MediaAttachment,
    error::{ApiError, Result},
    extract::params::Params,
    reply,
};

/// The focal point, written `x,y` with both in [-1, 1].
///
/// # Errors
/// `Invalid` if it is written otherwise.
pub(super) fn focus(params: &Params) -> Result<Option<(f64, f64)>> {
    let Some(text) = params.text("focus").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let number = |part: &str| part.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    text.split_once(',')
        .and_then(|(x, y)| number(x).zip(number(y)))
        .map(|(x, y)| Some((x.clamp(-1.0, 1.0), y.clamp(-1.0, 1.0))))
        .ok_or_else(|| ApiError::invalid("focus", "ERR_INVALID", "Focus is invalid"))
}

/// Uploads a file. It is processed at once, so that the answer is complete.
pub(crate) async fn create(call: Call) -> Result<HttpResponse> {
    let file = call
        .file("file")
        .ok_or_else(|| ApiError::invalid("file", "ERR_BLANK", "File can't be blank"))?;
    let upload = Upload {
        bytes: file.bytes.clone(),
        description: call.params.text("description"),
        focus: focus(&call.params)?,
        thumbnail: call.file("thumbnail").map(|file| file.bytes.clone()),
    };
    let attachment = media::upload(&call.instance, call.me()?, upload).await?;
    reply::json(&MediaAttachment::from_model(&attachment, call.urls()))
}

/// [`create`], as older clients call it.
pub(crate) async fn create_v1(call: Call) -> Result<HttpResponse> {
    create(call).await
}

/// An own file that is not attached yet.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let attachment = media::find(&call.instance, call.me()?, call.id("id")?).await?;
    reply::json(&MediaAttachment::from_model(&attachment, call.urls()))
}

/// Changes description, focal point or preview of an own file that is not attached yet.
pub(crate) async fn update(call: Call) -> Result<HttpResponse> {
    let update = MediaUpdate {
        description: call.params.text("description"),
        focus: focus(&call.params)?,
        thumbnail: call.file("thumbnail").map(|file| file.bytes.clone()),
    };
    let attachment = media::update(&call.instance, call.me()?, call.id("id")?, update).await?;
    reply::json(&MediaAttachment::from_model(&attachment, call.urls()))
}

/// Deletes an own file that is not attached.
pub(crate) async fn destroy(call: Call) -> Result<HttpResponse> {
    media::delete(&call.instance, call.me()?, call.id("id")?).await?;
    reply::empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn focus_is_two_numbers() {
        let read = |query| focus(&Params::parse_form(query).unwrap());
        assert_eq!(read("focus=0.5,-0.25").unwrap(), Some((0.5, -0.25)));
        assert_eq!(read("focus=9,-9").unwrap(), Some((1.0, -1.0)));
        assert_eq!(read("focus=").unwrap(), None);
        assert_eq!(read("").unwrap(), None);
        for wrong in ["focus=1", "focus=a,b", "focus=NaN,0", "focus=inf,0"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
