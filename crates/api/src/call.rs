//! A request as handlers see it: who asks, and for what.

use std::{net::IpAddr, str::FromStr, sync::Arc};

use actix_web::HttpRequest;
use pouet_model::{
    account::{Account, User},
    ids::AccountId,
    page::Page,
    urls::Urls,
};
use pouet_service::{
    Instance,
    analytics::{self, Reader},
    oauth::Authentication,
    view::StatusView,
};

use crate::{
    error::{ApiError, Result},
    extract::{
        body::UploadedFile,
        page::{self, Sizes},
        params::Params,
    },
};

/// A request that has passed authentication, scopes and limits.
pub(crate) struct Call {
    /// The instance asked.
    pub(crate) instance: Instance,
    /// The valid token of the request, if it came with one.
    pub(crate) auth: Option<Arc<Authentication>>,
    /// Parameters of query and body together.
    pub(crate) params: Params,
    /// Files of a multipart body.
    pub(crate) files: Vec<UploadedFile>,
    /// Where the request comes from.
    pub(crate) ip: IpAddr,
    /// The request itself, for its headers and path.
    pub(crate) request: HttpRequest,
}

impl Call {
    /// The signed-in account, if there is one.
    pub(crate) fn viewer(&self) -> Option<AccountId> {
        self.auth
            .as_ref()
            .and_then(|auth| auth.account.as_ref())
            .map(|account| account.id)
    }

    /// The signed-in account.
    ///
    /// # Errors
    /// `UserRequired` if there is none; never on a route for users.
    pub(crate) fn me(&self) -> Result<AccountId> {
        self.viewer().ok_or(ApiError::UserRequired)
    }

    /// The signed-in user and their account.
    ///
    /// # Errors
    /// `UserRequired` if there is none; never on a route for users.
    pub(crate) fn user(&self) -> Result<(&User, &Arc<Account>)> {
        let auth = self.auth.as_ref().ok_or(ApiError::UserRequired)?;
        auth.user
            .as_ref()
            .zip(auth.account.as_ref())
            .ok_or(ApiError::UserRequired)
    }

    /// Who reads, as far as that has to be known to count them once.
    pub(crate) fn reader(&self) -> Option<Reader> {
        match self.auth.as_ref().and_then(|auth| auth.account.as_ref()) {
            Some(account) => Reader::account_of(account),
            None => Reader::visitor(self.ip, self.header("user-agent")),
        }
    }

    /// Notes that whoever asks is shown these statuses in a list.
    pub(crate) fn note_shown<'a>(&self, views: impl IntoIterator<Item = &'a StatusView>) {
        analytics::seen(&self.instance, self.reader().as_ref(), views);
    }

    /// Addresses of the instance.
    pub(crate) fn urls(&self) -> &Urls {
        self.instance.urls()
    }

    /// A part of the path, percent-decoded.
    pub(crate) fn segment(&self, name: &str) -> String {
        let raw = self.request.match_info().query(name);
        percent_encoding::percent_decode_str(raw)
            .decode_utf8_lossy()
            .into_owned()
    }

    /// An id in the path.
    ///
    /// # Errors
    /// `NotFound` if it is not an id.
    pub(crate) fn id<T: FromStr>(&self, name: &str) -> Result<T> {
        self.request
            .match_info()
            .query(name)
            .parse()
            .map_err(|_| ApiError::not_found())
    }

    /// The page asked for; see [`page::page`].
    ///
    /// # Errors
    /// `Invalid` if a cursor is not an id.
    pub(crate) fn page(&self, sizes: Sizes) -> Result<Page> {
        page::page(&self.params, sizes)
    }

    /// The file in a form's field.
    pub(crate) fn file(&self, field: &str) -> Option<&UploadedFile> {
        self.files.iter().find(|file| file.field == field)
    }

    /// A header, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name)?.to_str().ok()
    }
}
