//! What a browser sends with a form.

use std::{ops::Deref, pin::Pin};

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, error::InternalError, web};
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use crate::context::Shared;
use crate::security::protect;

/// The fields of a form, none of which holds U+0000: no text of a person does, and PostgreSQL does not store it.
pub(crate) struct Form<T>(T);

impl<T> Form<T> {
    /// The fields.
    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Form<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let fields = web::Form::<Vec<(String, String)>>::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let fields = fields.await?.into_inner();
            if fields
                .iter()
                .any(|(name, value)| name.contains('\0') || value.contains('\0'))
            {
                return Err(bad_form("a field holds U+0000", &request));
            }
            let text = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish();
            let read = web::Query::<T>::from_query(&text).map_err(|error| bad_form(error, &request))?;
            Ok(Self(read.into_inner()))
        })
    }
}

/// A form that cannot be read has no page of its own: browsers send what they were given.
pub(crate) fn bad_form(
    error: impl std::fmt::Debug + std::fmt::Display + 'static,
    request: &HttpRequest,
) -> actix_web::Error {
    let shared = request.app_data::<web::Data<Shared>>();
    let base = shared.map_or("", |shared| shared.instance.urls().base());
    let mut response = HttpResponse::UnprocessableEntity();
    protect(&mut response, base, "");
    let response = response
        .content_type("text/plain; charset=utf-8")
        .body("the form cannot be read");
    InternalError::from_response(error, response).into()
}
