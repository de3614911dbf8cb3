//! The values and complaints of forms, shown again after a refusal.

/// Something wrong with one field, or with the form as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The name of the input; empty for the whole form.
    pub field: &'static str,
    /// The locale key of the complaint.
    pub key: &'static str,
}

/// Everything wrong with a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormErrors(pub Vec<FieldError>);

impl FormErrors {
    /// One complaint.
    pub fn one(field: &'static str, key: &'static str) -> Self {
        Self(vec![FieldError { field, key }])
    }

    /// The locale key of the complaint about `field`, if there is one.
    pub fn about(&self, field: &str) -> Option<&'static str> {
        self.0.iter().find(|e| e.field == field).map(|e| e.key)
    }

    /// Nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What somebody typed into the sign-up form; passwords are never shown again.
#[derive(Clone, Debug, Default)]
pub struct SignUpForm {
    /// The name wanted.
    pub username: String,
    /// Their e-mail address.
    pub email: String,
    /// Why they want to join; asked in approval mode.
    pub reason: String,
    /// They accept the rules.
    pub agreed: bool,
}

/// What the owner typed into the set-up form.
#[derive(Clone, Debug, Default)]
pub struct SetupForm {
    /// The name of the owner's account.
    pub username: String,
    /// Their e-mail address.
    pub email: String,
    /// The name of the instance.
    pub title: String,
}

/// One scope in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeLine {
    /// The scope as the app wrote it, `write:media`.
    pub scope: String,
    /// The locale key of what it allows.
    pub key: &'static str,
    /// It allows things that cannot be undone or that concern other people's accounts.
    pub grave: bool,
}

/// An app asking for access.
#[derive(Clone, Debug)]
pub struct ConsentView {
    /// The app's name for itself, free of control characters.
    pub app: String,
    /// Its website, `http` or `https` only.
    pub website: Option<String>,
    /// Where the answer goes: a host, the scheme of an app, or `None` when the code is shown on our own page.
    pub destination: Option<String>,
    /// What it asks for.
    pub scopes: Vec<ScopeLine>,
    /// The request's parameters, carried through the form as hidden fields.
    pub parameters: Vec<(&'static str, String)>,
    /// Scopes over other people's accounts are among them: a box must be ticked.
    pub wants_admin: bool,
    /// What was wrong with the last answer.
    pub errors: FormErrors,
}

/// An app that somebody let in.
#[derive(Clone, Debug)]
pub struct ConnectedApp {
    /// The id of the app, for revoking.
    pub id: String,
    /// The app's name for itself.
    pub name: String,
    /// Its website.
    pub website: Option<String>,
    /// What it may do.
    pub scopes: Vec<ScopeLine>,
    /// Let in.
    pub created_at: chrono::DateTime<chrono::Utc>,
    /// Last seen, if it ever was.
    pub last_used_at: Option<chrono::DateTime<chrono::Utc>>,
}
