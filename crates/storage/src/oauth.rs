//! OAuth applications, authorization codes and access tokens. Secrets are stored as SHA-256 in hex only.

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use pouet_model::{
    ids::{AppId, TokenId, UserId},
    oauth::App,
    scope::Scopes,
    time::from_millis,
};

use crate::{
    conn::Conn,
    error::{Error, Result, one_row},
    ids::{among, chunks},
    json,
    schema::{oauth_apps, oauth_codes, oauth_tokens, statuses},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = oauth_apps)]
struct AppRow {
    id: i64,
    client_id: String,
    name: String,
    website: Option<String>,
    redirect_uris: String,
    scopes: String,
    created_at: i64,
}

impl TryFrom<AppRow> for App {
    type Error = Error;

    fn try_from(row: AppRow) -> Result<Self> {
        let unreadable = |column| Error::Inconsistent {
            table: "oauth_apps",
            column,
            id: row.id,
        };
        Ok(Self {
            id: AppId(row.id),
            client_id: row.client_id,
            name: row.name,
            website: row.website,
            redirect_uris: json::read(&row.redirect_uris).ok_or_else(|| unreadable("redirect_uris"))?,
            scopes: Scopes::parse(&row.scopes).map_err(|_| unreadable("scopes"))?,
            created_at: from_millis(row.created_at),
        })
    }
}

/// Adds an application.
///
/// # Errors
/// `Conflict` if its client id is taken.
pub fn insert_app(conn: &mut Conn, app: &App, secret_hash: &str) -> Result<()> {
    let rows = diesel::insert_into(oauth_apps::table)
        .values((
            oauth_apps::id.eq(app.id.0),
            oauth_apps::client_id.eq(&app.client_id),
            oauth_apps::client_secret_hash.eq(secret_hash),
            oauth_apps::name.eq(&app.name),
            oauth_apps::website.eq(&app.website),
            oauth_apps::redirect_uris.eq(json::write(&app.redirect_uris)),
            oauth_apps::scopes.eq(app.scopes.to_string()),
            oauth_apps::created_at.eq(app.created_at.timestamp_millis()),
        ))
        .execute(conn)?;
    one_row("insert app", rows)
}

/// The application with this client id, and the hash of its secret.
pub fn find_app(conn: &mut Conn, client_id: &str) -> Result<Option<(App, String)>> {
    let row: Option<(AppRow, String)> = oauth_apps::table
        .filter(oauth_apps::client_id.eq(client_id))
        .select((AppRow::as_select(), oauth_apps::client_secret_hash))
        .first(conn)
        .optional()?;
    row.map(|(row, hash)| Ok((row.try_into()?, hash))).transpose()
}

/// The applications with these ids, in no particular order.
pub fn load_apps(conn: &mut Conn, ids: &[AppId]) -> Result<Vec<App>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in chunks(ids) {
        let rows: Vec<AppRow> = oauth_apps::table
            .filter(among(oauth_apps::id, chunk))
            .select(AppRow::as_select())
            .load(conn)?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// Removes applications made before `before` that no token, code or status refers to.
pub fn delete_unused_apps(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    let tokens = oauth_tokens::table.filter(oauth_tokens::app_id.eq(oauth_apps::id));
    let codes = oauth_codes::table.filter(oauth_codes::app_id.eq(oauth_apps::id));
    let posts = statuses::table.filter(statuses::application_id.eq(oauth_apps::id.nullable()));
    let unused: Vec<i64> = oauth_apps::table
        .filter(oauth_apps::created_at.lt(before.timestamp_millis()))
        .filter(not(exists(tokens)))
        .filter(not(exists(codes)))
        .filter(not(exists(posts)))
        .select(oauth_apps::id)
        .load(conn)?;
    let mut removed = 0;
    for chunk in chunks(&unused) {
        removed += diesel::delete(oauth_apps::table.filter(oauth_apps::id.eq_any(chunk))).execute(conn)?;
    }
    Ok(removed)
}

/// An authorization code as it is stored.
#[derive(Clone, Debug)]
pub struct CodeRow {
    /// The application that asked.
    pub app_id: AppId,
    /// The user who consented.
    pub user_id: UserId,
    /// Where the code was sent.
    pub redirect_uri: String,
    /// What was consented to.
    pub scopes: Scopes,
    /// Challenge of PKCE (S256).
    pub code_challenge: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was used.
    pub used_at: Option<DateTime<Utc>>,
    /// The token that was issued for it.
    pub token_id: Option<TokenId>,
}

/// Adds a code.
pub fn insert_code(conn: &mut Conn, code_hash: &str, code: &CodeRow) -> Result<()> {
    let rows = diesel::insert_into(oauth_codes::table)
        .values((
            oauth_codes::code_hash.eq(code_hash),
            oauth_codes::app_id.eq(code.app_id.0),
            oauth_codes::user_id.eq(code.user_id.0),
            oauth_codes::redirect_uri.eq(&code.redirect_uri),
            oauth_codes::scopes.eq(code.scopes.to_string()),
            oauth_codes::code_challenge.eq(&code.code_challenge),
            oauth_codes::created_at.eq(code.created_at.timestamp_millis()),
        ))
        .execute(conn)?;
    one_row("insert code", rows)
}

/// The code with this hash, used ones too.
pub fn find_code(conn: &mut Conn, code_hash: &str) -> Result<Option<CodeRow>> {
    #[derive(Queryable, Selectable)]
    #[diesel(table_name = oauth_codes)]
    struct Row {
        app_id: i64,
        user_id: i64,
        redirect_uri: String,
        scopes: String,
        code_challenge: Option<String>,
        created_at: i64,
        used_at: Option<i64>,
        token_id: Option<i64>,
    }
    let row: Option<Row> = oauth_codes::table
        .find(code_hash)
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(|row| {
        Ok(CodeRow {
            app_id: AppId(row.app_id),
            user_id: UserId(row.user_id),
            redirect_uri: row.redirect_uri,
            scopes: Scopes::parse(&row.scopes).map_err(|_| Error::Inconsistent {
                table: "oauth_codes",
                column: "scopes",
                id: row.app_id,
            })?,
            code_challenge: row.code_challenge,
            created_at: from_millis(row.created_at),
            used_at: row.used_at.map(from_millis),
            token_id: row.token_id.map(TokenId),
        })
    })
    .transpose()
}

/// Marks a code as used for a token; false if it was used before. Of two exchanges at once, one is told true.
pub fn use_code(conn: &mut Conn, code_hash: &str, token: TokenId, now: DateTime<Utc>) -> Result<bool> {
    let rows = diesel::update(
        oauth_codes::table
            .find(code_hash)
            .filter(oauth_codes::used_at.is_null()),
    )
    .set((
        oauth_codes::used_at.eq(now.timestamp_millis()),
        oauth_codes::token_id.eq(token.0),
    ))
    .execute(conn)?;
    Ok(rows == 1)
}

/// Removes codes made before `before`.
pub fn delete_codes_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    Ok(
        diesel::delete(oauth_codes::table.filter(oauth_codes::created_at.lt(before.timestamp_millis())))
            .execute(conn)?,
    )
}

/// Removes the unused codes of a user, for one application or all.
pub fn delete_codes_of(conn: &mut Conn, user: UserId, app: Option<AppId>) -> Result<()> {
    let codes = oauth_codes::table.filter(oauth_codes::user_id.eq(user.0));
    match app {
        None => diesel::delete(codes).execute(conn)?,
        Some(app) => diesel::delete(codes.filter(oauth_codes::app_id.eq(app.0))).execute(conn)?,
    };
    Ok(())
}

/// An access token as it is stored.
#[derive(Clone, Debug)]
pub struct TokenRow {
    /// Its id.
    pub id: TokenId,
    /// The application that has it.
    pub app_id: AppId,
    /// The user it acts for; `None`: the application itself.
    pub user_id: Option<UserId>,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was issued.
    pub created_at: DateTime<Utc>,
    /// When it was last seen, to the day.
    pub last_used_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = oauth_tokens)]
struct StoredToken {
    id: i64,
    app_id: i64,
    user_id: Option<i64>,
    scopes: String,
    created_at: i64,
    last_used_at: Option<i64>,
}

impl TryFrom<StoredToken> for TokenRow {
    type Error = Error;

    fn try_from(row: StoredToken) -> Result<Self> {
        Ok(Self {
            id: TokenId(row.id),
            app_id: AppId(row.app_id),
            user_id: row.user_id.map(UserId),
            scopes: Scopes::parse(&row.scopes).map_err(|_| Error::Inconsistent {
                table: "oauth_tokens",
                column: "scopes",
                id: row.id,
            })?,
            created_at: from_millis(row.created_at),
            last_used_at: row.last_used_at.map(from_millis),
        })
    }
}

/// Adds a token.
pub fn insert_token(conn: &mut Conn, token_hash: &str, token: &TokenRow) -> Result<()> {
    let rows = diesel::insert_into(oauth_tokens::table)
        .values((
            oauth_tokens::id.eq(token.id.0),
            oauth_tokens::token_hash.eq(token_hash),
            oauth_tokens::app_id.eq(token.app_id.0),
            oauth_tokens::user_id.eq(token.user_id.map(|user| user.0)),
            oauth_tokens::scopes.eq(token.scopes.to_string()),
            oauth_tokens::created_at.eq(token.created_at.timestamp_millis()),
        ))
        .execute(conn)?;
    one_row("insert token", rows)
}

/// The token with this hash, and its application.
pub fn find_token(conn: &mut Conn, token_hash: &str) -> Result<Option<(TokenRow, App)>> {
    let row: Option<(StoredToken, AppRow)> = oauth_tokens::table
        .inner_join(oauth_apps::table.on(oauth_apps::id.eq(oauth_tokens::app_id)))
        .filter(oauth_tokens::token_hash.eq(token_hash))
        .select((StoredToken::as_select(), AppRow::as_select()))
        .first(conn)
        .optional()?;
    row.map(|(token, app)| Ok((token.try_into()?, app.try_into()?)))
        .transpose()
}

/// The tokens of a user, oldest first.
pub fn list_tokens_of(conn: &mut Conn, user: UserId) -> Result<Vec<TokenRow>> {
    let rows: Vec<StoredToken> = oauth_tokens::table
        .filter(oauth_tokens::user_id.eq(user.0))
        .order(oauth_tokens::id)
        .select(StoredToken::as_select())
        .load(conn)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Notes that a token was seen.
pub fn update_token_used(conn: &mut Conn, id: TokenId, now: DateTime<Utc>) -> Result<()> {
    diesel::update(oauth_tokens::table.find(id.0))
        .set(oauth_tokens::last_used_at.eq(now.timestamp_millis()))
        .execute(conn)?;
    Ok(())
}

/// Removes tokens by id.
pub fn delete_tokens(conn: &mut Conn, ids: &[TokenId]) -> Result<()> {
    for chunk in chunks(ids) {
        diesel::delete(oauth_tokens::table.filter(among(oauth_tokens::id, chunk))).execute(conn)?;
    }
    Ok(())
}
