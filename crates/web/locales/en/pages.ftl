### Words of the pages. `pouet` is what people call a status: it is written in these files and nowhere else.

## Frame
skip-to-content = Skip to content
nav-label = Main
nav-explore = Explore
nav-local = Local timeline
nav-about = About
language-label = Language
sign-in = Sign in
sign-up = Sign up
sign-out = Sign out
back-home = Back to the front page
percent = %

## Time
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
date-day = { $day } { $month } { $year }
date-month = { $month } { $year }
date-time = { $date } at { $time } UTC
ago-now = now
ago-minutes = { $count } min
ago-hours = { $count } h
ago-days = { $count } d

## Front page
landing-default-description = A small place for short messages, open to the whole fediverse.
landing-sign-up = Create an account
landing-open = Everyone may join.
landing-approval = Requests to join are read by a moderator before the account opens.
landing-closed = New accounts are closed. Members can sign in, everyone can read.
local-title = Local timeline
local-intro = What people say in public on { $name }, newest first.
facts-title = This instance
fact-users = { $n ->
    [one] account
   *[other] accounts
}
fact-active = active this month
fact-statuses = { $n ->
    [one] pouet
   *[other] pouets
}
fact-peers = { $n ->
    [one] known instance
   *[other] known instances
}
contact-title = Run by
rules-title = Rules
rules-none = No rules have been written yet.
timeline-empty = Nothing here yet.
pages-label = Pages
pages-older = Older
pages-newest = Back to the newest
pages-next = More
pages-begin = Back to the first

## Pouets
count-replies = { $n ->
    [one] { $count } reply
   *[other] { $count } replies
}
count-reblogs = { $n ->
    [one] { $count } boost
   *[other] { $count } boosts
}
count-favourites = { $n ->
    [one] { $count } favourite
   *[other] { $count } favourites
}
count-reactions = { $n ->
    [one] { $count } reaction
   *[other] { $count } reactions
}
count-votes = { $n ->
    [one] { $count } vote
   *[other] { $count } votes
}
count-voters = { $n ->
    [one] { $count } person voted
   *[other] { $count } people voted
}
status-reblogged = boosted
status-pinned = Pinned
status-edited = Edited
status-reply-to = In reply to
status-show = Show
status-by = Pouet by { $name }
status-title = { $name }: “{ $words }”
status-title-bare = Pouet by { $name }
visibility-public = Public
visibility-unlisted = Public, quietly
visibility-private = Followers only
visibility-direct = Only the people mentioned
embed-open = Open on
link-by = by
quote-files = { $n ->
    [one] With one file
   *[other] With { $count } files
}
media-sensitive = { $n ->
    [one] Sensitive media
   *[other] { $count } sensitive media
}
media-alt = ALT
media-file = Attached file
poll-label = Poll
poll-closed = closed
poll-until = open until
thread-before = Earlier in the conversation
thread-no-replies = No replies yet
thread-how-to-answer = To answer, sign in with your app and search for the address of this page.

## Profiles
account-bot = Bot
account-locked = Approves followers
field-verified = Verified link, checked on
label-statuses = { $n ->
    [one] pouet
   *[other] pouets
}
label-following = following
label-followers = { $n ->
    [one] follower
   *[other] followers
}
count-followers = { $n ->
    [one] { $count } follower
   *[other] { $count } followers
}
profile-since = Here since
profile-statuses = Pouets
profile-follow = Follow { $name }
profile-follow-how = Wherever your account is in the fediverse, search for this handle in your app and press follow:

## Explore
explore-title = Explore
explore-intro = What many different people take up, as { $name } knows the fediverse.
explore-among-intro = What people you follow have taken up in the last two days, counted now and kept nowhere.
explore-tabs = Whose trends
explore-everybody = Everybody
explore-among = Among people you follow
explore-tags = Hashtags
explore-links = Links
explore-statuses = Pouets
explore-empty = Nothing trends yet. It takes a few people who talk about the same thing.
explore-among-empty = No two of the people you follow have taken up the same thing lately.
explore-people = { $n ->
    [one] { $count } person in two days
   *[other] { $count } people in two days
}
explore-followed = { $n ->
    [one] { $count } person you follow
   *[other] { $count } people you follow
}
explore-week = People by day, the oldest first: { $name }
explore-how = Every person counts once a day, and nobody for more than another. Nothing here depends on who you are.

## Directory
directory-title = People of { $name }
directory-link = People of { $name }
directory-intro = Members who want to be found. Whoever would rather not is not listed here.
directory-tabs = Which order
directory-active = Posted last
directory-new = Newest members
directory-empty = Nobody is listed here yet.
directory-first = Back to the beginning
directory-next = More people

## Numbers for authors
analytics-link = Your numbers
analytics-title = Your pouets in numbers
analytics-intro = Counted on this server alone, as sums by day. Nobody learns who read what, not even you.
analytics-spans = Which days
analytics-span = { $n ->
    [one] { $count } day
   *[other] { $count } days
}
analytics-none = There is nothing to tell of these days.
analytics-few = under 5
analytics-impressions = Impressions
analytics-engagements = Engagements
analytics-statuses = Pouets
analytics-quotes = Quotes
analytics-impressions-days = Impressions by day
analytics-engagements-days = Engagements by day
analytics-bar = { $day }: { $count }
analytics-chart = { $what }. Most on { $most }.
analytics-rows = What people did
analytics-openings = Opened the pouet
analytics-media = Opened a picture, film or sound
analytics-profile = Went on to your profile
analytics-followed = Followed a link
analytics-favourites = Favourites
analytics-reblogs = Boosts
analytics-replies = Replies
analytics-sum = Engagements in all
analytics-off = not counted
analytics-by-day = Numbers by day
analytics-file = These numbers as a file (CSV)
analytics-day = Day
analytics-one = This pouet in numbers
analytics-only-you = Only you see this.
analytics-detail = In detail
analytics-all = Your numbers, by day
analytics-links-title = Clicks on links
analytics-links-box = Count how often links in my pouets are followed
analytics-links-text = On the pages of this server, links in your pouets then lead through it; where they end is shown as before. Nothing changes for apps and other servers.
analytics-save = Save
analytics-saved = Saved.
analytics-how-title = How this is counted
analytics-how = One reader counts once an hour; you and programs do not count. What was read fewer than five times is told as “under 5” and left out of sums, so that nobody can tell who it was. Of several pouets or days, such numbers are added up in whole fives. Pouets that only followers or the people mentioned can read are not counted at all.

## Tags
tag-intro = Public pouets with this hashtag that this instance knows of.

## Collections
collection-by = Recommended by
collection-members = Who is in it
collection-nobody = Nobody at the moment.
collection-sensitive = What they post may be sensitive. Show who is in it

## Search
search-title = Search
search-field = Words, a name, a hashtag or an address
search-button = Search
search-visitors = Sign in to search pouets. Visitors find people and hashtags.
search-people = People
search-tags = Hashtags
search-statuses = Pouets
search-sort = Order
search-newest = Newest first
search-relevance = Best first
search-help = How to search
search-help-words = Pouets have to contain all the words. Case and accents do not matter. You find public pouets by people who allow it, and everything that you wrote, marked, boosted or were mentioned in. The newest come first, or, of the newest 500 that fit, those that fit best.
search-sample-phrase = good morning
search-sample-word = rain
search-help-phrase = these words side by side
search-help-not = without this word; works before everything else here, too
search-help-from = by you, or by this person
search-help-has = with an attachment of any or of this kind, a poll, a link, a link to a page with a player, a quote
search-help-is = that answers something, is marked as sensitive, was written here, was edited
search-help-lang = in this language
search-help-dates = before, after or during this day, month or year (UTC)
search-help-sort = what fits best comes first, in apps too
search-help-in = only where you are involved, or only what is public

## About
about-title = About { $name }
about-network-title = A part of the fediverse
about-network = This is one of many independent servers that talk to each other. People with an account here can follow, answer and be followed by people on other servers, and the other way round.
about-data = Public pouets can be seen by everyone. No trackers, no advertising; cookies only to keep you signed in and to remember your language.
about-software-title = Software
about-software = This server runs Pouet { $name }, free software under the AGPL 3.0 licence.

## Signing in and up
sign-in-title = Sign in
sign-in-for-app = { $name } asks you to sign in first.
sign-in-no-account = No account yet?
sign-up-title = Create an account
sign-up-closed = This instance takes no new accounts at the moment.
sign-up-have-account = Already a member?
sign-up-pending-title = Thank you
sign-up-pending-text = A moderator will read your request. You can sign in once it is approved.
field-login = User name or e-mail address
field-username = User name
field-username-hint = Letters, digits and underscores. It becomes part of your handle and cannot be changed.
field-email = E-mail address
field-email-hint = Never shown to anyone.
field-owner-email-hint = For signing in, and shown as the contact of this instance.
field-password = Password
field-password-hint = At least 8 characters. A few unrelated words make a good one.
field-reason = Why would you like to join?
field-agreement = I have read the rules and will keep to them
field-instance-title = Name of the instance
field-instance-title-hint = Shown on every page. To change it later: pouet admin instance set --title

## Set-up
setup-title = Set up this instance
setup-intro = This page creates the owner’s account. It works once.
setup-submit = Create the owner account
setup-used-title = Already set up
setup-used-text = This link has been used or is not valid. While there is no owner, the server prints the valid one each time it starts.

## Apps
consent-page = Authorize an app
consent-title = asks for access to your account
consent-website = Website
consent-destination = Sends you back to
consent-code = Nowhere: you will be shown a code to copy
consent-scopes = The app will be able to
consent-unverified = Apps choose their own name, and nobody has checked it. Authorize only what you have just opened yourself. You can withdraw the access at any time.
consent-admin = I understand that this app will be able to act on other people’s accounts and on the instance itself
consent-authorize = Authorize
consent-deny = Deny
consent-denied-title = Access denied
consent-denied-text = The app gets no access. You can close this page.
code-title = Your code
code-intro = Copy this code and paste it into the app:
code-warning = It works once, for ten minutes. Give it to nobody: whoever has it can use your account.
apps-title = Authorized apps
apps-intro = These apps can use your account. Withdrawing access signs the app out at once.
apps-none = No app has access to your account.
apps-since = Since
apps-used = last used on
apps-revoke = Withdraw
apps-revoke-one = Withdraw access of { $name }
home-title = You are signed in
home-alerts = { $n ->
    [one] There is { $count } sign of bought attention. It is told by
   *[other] There are { $count } signs of bought attention. They are told by
}
home-profile = Your profile
home-apps-title = Use it with an app
home-apps-intro = Any app made for Mastodon works here. Choose one, and when it asks for your server, enter
platform-android = Android
platform-apple = iPhone, iPad, Mac
platform-web = In the browser
platform-desktop = Linux, Windows
platform-phones = Android, iPhone

## What scopes allow
scope-read = Read everything in your account
scope-read-part = Read this part of your account
scope-read-accounts = See profiles
scope-read-blocks = See whom you block
scope-read-bookmarks = See your bookmarks
scope-read-favourites = See your favourites
scope-read-filters = See your filters
scope-read-follows = See whom you follow
scope-read-lists = See your lists
scope-read-mutes = See whom you mute
scope-read-notifications = See your notifications
scope-read-search = Search on your behalf
scope-read-statuses = See all pouets that you can see
scope-write = Change everything in your account
scope-write-part = Change this part of your account
scope-write-accounts = Change your profile
scope-write-blocks = Block people and instances
scope-write-bookmarks = Bookmark pouets
scope-write-conversations = Mute and delete conversations
scope-write-favourites = Mark favourites
scope-write-filters = Change your filters
scope-write-follows = Follow people
scope-write-lists = Change your lists
scope-write-media = Upload files
scope-write-mutes = Mute people and conversations
scope-write-notifications = Clear your notifications
scope-write-reports = Report people
scope-write-statuses = Publish and delete pouets in your name
scope-follow = Change whom you follow, block and mute
scope-push = Receive your notifications
scope-profile = See who you are
scope-admin-read = Read other people’s account data as an administrator
scope-admin-write = Act on other people’s accounts as an administrator
scope-other = Use another part of your account

## Errors
error-403-title = Not allowed
error-403-text = You may not do this. If you came from a form, go back, reload the page and try again.
error-404-title = Nothing here
error-404-text = The page does not exist, or is not for everyone.
error-410-title = Gone
error-410-text = What was here has been deleted.
error-422-title = That did not work
error-422-text = Something in the request was missing or not valid.
error-429-title = Too many tries
error-429-text = Please wait a few minutes and try again.
error-400-title = The request makes no sense
error-400-text = The app that sent you here made a mistake. Nothing has been changed or sent to it.
error-400-redirect = The app asked to be answered at an address that it has not registered. Nothing has been sent there.
error-400-client = The app that sent you here is not known to this instance.
error-400-scope = The app asked for more than it has registered for. Nothing has been sent to it.
error-500-title = Our mistake
error-500-text = Something broke on this server. It has been written to its log.
error-503-title = Not now
error-503-text = The server is busy. Please try again in a moment.

## Complaints about forms
wrong-login = The name or password is not right.
wrong-account-inactive = This account cannot be used: it is waiting for approval or has been disabled.
wrong-too-many = Too many tries. Please wait a few minutes.
wrong-username = Use letters, digits and underscores, at most 30.
wrong-username-taken = This name is taken.
wrong-username-reserved = This name is reserved.
wrong-email = This is not a valid e-mail address.
wrong-email-taken = This address cannot be used.
wrong-password-short = Too short: use at least 8 characters.
wrong-password-long = Too long.
wrong-password-weak = Too easy to guess.
wrong-reason = Please say why you would like to join.
wrong-agreement = Please accept the rules.
wrong-title = Please give the instance a name.
wrong-other = This is not valid.
wrong-confirm-admin = Tick the box to allow this.
