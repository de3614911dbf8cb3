//! Every operation of the client API, who may use it, and what it is counted in.
//!
//! A scope stands for itself and its parents: `read:accounts` is covered by `read`. The legacy scope `follow` covers
//! follows, blocks and mutes. A path may be written with a final slash.

use super::{
    account_lists, account_relations, accounts, admin_tags, admin_trends, analytics, announcements, apps,
    async_refreshes, collections, conversations, discovery, drafts, featured_tags, filters_v1, filters_v2,
    grouped_notifications, health, instance, interactions, lists, markers, media, notification_policy,
    notification_requests, notifications, oauth, oembed, own, polls, preferences, quotes, reactions, reports,
    saved_searches, scheduled_statuses, search, status_actions, statuses, tags, timelines, trends,
};
use crate::{
    dispatch::{Cache, Route},
    extract::auth::Access,
    rate_limit::Bucket,
};

/// When Mastodon 3.4 put a new version beside suggestions: 2021-05-16.
const SINCE_3_4: i64 = 1_621_123_200;

/// When Mastodon 4.0 put new versions beside filters and instance: 2022-11-14.
const SINCE_4_0: i64 = 1_668_384_000;

/// When Mastodon 3.5 put trends of three kinds beside the one: 2022-03-30.
const SINCE_3_5: i64 = 1_648_598_400;

/// When Mastodon 4.6 took collections out of trial: 2026-06-10.
const SINCE_4_6: i64 = 1_781_049_600;

/// `METHOD | METHOD "path" Access(scopes) => handler`
macro_rules! route {
    ($($method:ident)|+ $path:literal Public => $($handler:ident)::+) => {
        route!(@ [$(stringify!($method)),+] $path Access::Public => $($handler)::+)
    };
    ($($method:ident)|+ $path:literal $access:ident($($scope:literal),*) => $($handler:ident)::+) => {
        route!(@ [$(stringify!($method)),+] $path Access::$access(&[$($scope),*]) => $($handler)::+)
    };
    (@ [$($method:expr),+] $path:literal $access:expr => $($handler:ident)::+) => {
        Route::new(&[$($method),+], $path, $access, |call| Box::pin($($handler)::+(call)))
    };
}

/// All operations.
pub(crate) static TABLE: &[Route] = &[
    // Applications and OAuth
    route!(POST "/api/v1/apps" Public => apps::create),
    route!(GET "/api/v1/apps/verify_credentials" App() => apps::verify_credentials),
    route!(POST "/oauth/token" Public => oauth::token).cached(Cache::No),
    route!(POST "/oauth/revoke" Public => oauth::revoke).cached(Cache::No),
    route!(GET | POST "/oauth/userinfo" User("profile") => oauth::userinfo),
    route!(GET "/.well-known/oauth-authorization-server" Public => oauth::metadata).cached(Cache::Long),
    route!(GET "/health" Public => health::show).cached(Cache::No),
    // The instance
    route!(GET "/api/v1/instance" Public => instance::show_v1)
        .cached(Cache::Long)
        .deprecated(SINCE_4_0),
    route!(GET "/api/v2/instance" Public => instance::show).cached(Cache::Long),
    route!(GET "/api/v1/instance/rules" Public => instance::rules).cached(Cache::Long),
    route!(GET "/api/v1/instance/extended_description" Public => instance::extended_description)
        .cached(Cache::Long),
    route!(GET "/api/v1/instance/languages" Public => instance::languages).cached(Cache::Long),
    route!(GET "/api/v1/instance/translation_languages" Public => instance::translation_languages)
        .cached(Cache::Long),
    route!(GET "/api/v1/instance/domain_blocks" Optional() => instance::domain_blocks).cached(Cache::Long),
    route!(GET "/api/v1/instance/peers" Public => instance::peers).cached(Cache::Long),
    route!(GET "/api/v1/instance/activity" Public => instance::activity).cached(Cache::Long),
    route!(GET "/api/oembed" Public => oembed::show).cached(Cache::Long),
    route!(GET "/api/v1/custom_emojis" Public => instance::custom_emojis).cached(Cache::Long),
    // Accounts
    route!(POST "/api/v1/accounts" App("write:accounts") => accounts::create),
    route!(GET "/api/v1/accounts" Optional("read:accounts") => accounts::index),
    route!(GET "/api/v1/accounts/verify_credentials" User("profile", "read:accounts") => accounts::verify_credentials),
    route!(PATCH | PUT "/api/v1/accounts/update_credentials" User("write:accounts") => accounts::update_credentials)
        .uploads(),
    route!(GET "/api/v1/accounts/lookup" Optional("read:accounts") => accounts::lookup),
    route!(GET "/api/v1/accounts/search" User("read:accounts") => accounts::search),
    route!(GET "/api/v1/accounts/relationships" User("read:follows") => account_relations::relationships),
    route!(GET "/api/v1/accounts/familiar_followers" User("read:follows") => discovery::familiar_followers),
    route!(GET "/api/v1/accounts/{id}" Optional("read:accounts") => accounts::show),
    route!(GET "/api/v1/accounts/{id}/statuses" Optional("read:statuses") => accounts::statuses),
    route!(GET "/api/v1/accounts/{id}/followers" Optional("read:accounts") => account_lists::followers),
    route!(GET "/api/v1/accounts/{id}/following" Optional("read:accounts") => account_lists::following),
    route!(GET "/api/v1/accounts/{id}/endorsements" Optional("read:accounts") => account_lists::endorsements),
    route!(GET "/api/v1/accounts/{id}/lists" User("read:lists") => account_lists::lists),
    route!(POST "/api/v1/accounts/{id}/follow" User("write:follows") => account_relations::follow)
        .counted(Bucket::Follows),
    route!(POST "/api/v1/accounts/{id}/unfollow" User("write:follows") => account_relations::unfollow),
    route!(POST "/api/v1/accounts/{id}/remove_from_followers" User("write:follows")
        => account_relations::remove_from_followers),
    route!(POST "/api/v1/accounts/{id}/block" User("write:blocks") => account_relations::block),
    route!(POST "/api/v1/accounts/{id}/unblock" User("write:blocks") => account_relations::unblock),
    route!(POST "/api/v1/accounts/{id}/mute" User("write:mutes") => account_relations::mute),
    route!(POST "/api/v1/accounts/{id}/unmute" User("write:mutes") => account_relations::unmute),
    route!(POST "/api/v1/accounts/{id}/note" User("write:accounts") => account_relations::note),
    route!(POST "/api/v1/accounts/{id}/endorse" User("write:accounts") => account_relations::endorse),
    route!(POST "/api/v1/accounts/{id}/unendorse" User("write:accounts") => account_relations::unendorse),
    route!(POST "/api/v1/accounts/{id}/pin" User("write:accounts") => account_relations::endorse),
    route!(POST "/api/v1/accounts/{id}/unpin" User("write:accounts") => account_relations::unendorse),
    route!(GET "/api/v1/endorsements" User("read:accounts") => account_lists::own_endorsements),
    route!(GET "/api/v1/suggestions" User("read:accounts") => discovery::suggestions_v1).deprecated(SINCE_3_4),
    route!(GET "/api/v2/suggestions" User("read:accounts") => discovery::suggestions),
    route!(DELETE "/api/v1/suggestions/{account_id}" User("write:accounts") => discovery::dismiss),
    route!(GET "/api/v1/directory" Optional() => discovery::directory),
    route!(GET "/api/v1/blocks" User("read:blocks") => account_lists::blocks),
    route!(GET "/api/v1/mutes" User("read:mutes") => account_lists::mutes),
    route!(GET "/api/v1/domain_blocks" User("read:blocks") => account_lists::domain_blocks),
    route!(POST "/api/v1/domain_blocks" User("write:blocks") => account_lists::block_domain),
    route!(DELETE "/api/v1/domain_blocks" User("write:blocks") => account_lists::unblock_domain),
    route!(GET "/api/v1/follow_requests" User("read:follows") => account_lists::follow_requests),
    route!(POST "/api/v1/follow_requests/{account_id}/authorize" User("write:follows")
        => account_relations::authorize),
    route!(POST "/api/v1/follow_requests/{account_id}/reject" User("write:follows") => account_relations::reject),
    route!(GET "/api/v1/accounts/{id}/featured_tags" Public => featured_tags::of_account),
    route!(GET "/api/v1/featured_tags" User("read:accounts") => featured_tags::index),
    route!(POST "/api/v1/featured_tags" User("write:accounts") => featured_tags::create),
    route!(GET "/api/v1/featured_tags/suggestions" User("read:accounts") => featured_tags::suggestions),
    route!(DELETE "/api/v1/featured_tags/{id}" User("write:accounts") => featured_tags::destroy),
    route!(GET "/api/v1/followed_tags" User("read:follows") => tags::followed),
    route!(GET "/api/v1/tags/{name}" Optional() => tags::show),
    route!(POST "/api/v1/tags/{name}/follow" User("write:follows") => tags::follow).counted(Bucket::Follows),
    route!(POST "/api/v1/tags/{name}/unfollow" User("write:follows") => tags::unfollow),
    route!(POST "/api/v1/tags/{name}/feature" User("write:accounts") => tags::feature),
    route!(POST "/api/v1/tags/{name}/unfeature" User("write:accounts") => tags::unfeature),
    route!(GET "/api/v1/preferences" User("read:accounts") => preferences::index),
    route!(GET "/api/pouet/v1/preferences" User("read:accounts") => preferences::own),
    route!(PATCH | PUT "/api/pouet/v1/preferences" User("write:accounts") => preferences::update_own),
    route!(DELETE "/api/v1/profile/avatar" User("write:accounts") => accounts::delete_avatar),
    route!(DELETE "/api/v1/profile/header" User("write:accounts") => accounts::delete_header),
    route!(POST "/api/v1/reports" User("write:reports") => reports::create).counted(Bucket::Reports),
    // Statuses
    route!(POST "/api/v1/statuses" User("write:statuses") => statuses::create).counted(Bucket::Statuses),
    route!(GET "/api/v1/statuses" Optional("read:statuses") => statuses::index),
    route!(GET "/api/v1/statuses/{id}" Optional("read:statuses") => statuses::show),
    route!(PUT | PATCH "/api/v1/statuses/{id}" User("write:statuses") => statuses::update)
        .counted(Bucket::Statuses),
    route!(DELETE "/api/v1/statuses/{id}" User("write:statuses") => statuses::destroy)
        .counted(Bucket::Deletions),
    route!(GET "/api/v1/statuses/{id}/context" Optional("read:statuses") => statuses::context),
    route!(GET "/api/v1_alpha/async_refreshes/{id}" User("read") => async_refreshes::show).cached(Cache::No),
    route!(GET "/api/v1/statuses/{id}/source" User("read:statuses") => statuses::source),
    route!(GET "/api/v1/statuses/{id}/history" Optional("read:statuses") => statuses::history),
    route!(GET "/api/v1/statuses/{id}/favourited_by" Optional("read:accounts") => statuses::favourited_by),
    route!(GET "/api/v1/statuses/{id}/reblogged_by" Optional("read:accounts") => statuses::reblogged_by),
    route!(GET "/api/v1/statuses/{id}/quotes" User("read:statuses") => quotes::index),
    route!(POST "/api/v1/statuses/{id}/quotes/{quoting_status_id}/revoke" User("write:statuses") => quotes::revoke),
    route!(PUT | PATCH "/api/v1/statuses/{id}/interaction_policy" User("write:statuses") => quotes::set_policy),
    route!(GET "/api/v1/interaction_policies/defaults" User("read:accounts") => interactions::defaults),
    route!(PATCH | PUT "/api/v1/interaction_policies/defaults" User("write:accounts")
        => interactions::update_defaults),
    route!(GET "/api/v1/interaction_requests" User("read:notifications") => interactions::requests),
    route!(GET "/api/v1/interaction_requests/{id}" User("read:notifications") => interactions::request),
    route!(POST "/api/v1/interaction_requests/{id}/authorize" User("write:statuses") => interactions::authorize),
    route!(POST "/api/v1/interaction_requests/{id}/reject" User("write:statuses") => interactions::reject),
    route!(POST "/api/v1/statuses/{id}/favourite" User("write:favourites") => status_actions::favourite),
    route!(POST "/api/v1/statuses/{id}/unfavourite" User("write:favourites") => status_actions::unfavourite),
    route!(POST "/api/v1/statuses/{id}/reblog" User("write:statuses") => status_actions::reblog)
        .counted(Bucket::Statuses),
    route!(POST "/api/v1/statuses/{id}/unreblog" User("write:statuses") => status_actions::unreblog)
        .counted(Bucket::Deletions),
    route!(POST "/api/v1/statuses/{id}/bookmark" User("write:bookmarks") => status_actions::bookmark),
    route!(POST "/api/v1/statuses/{id}/unbookmark" User("write:bookmarks") => status_actions::unbookmark),
    route!(POST "/api/v1/statuses/{id}/mute" User("write:mutes") => status_actions::mute),
    route!(POST "/api/v1/statuses/{id}/unmute" User("write:mutes") => status_actions::unmute),
    route!(POST "/api/v1/statuses/{id}/pin" User("write:accounts") => status_actions::pin),
    route!(POST "/api/v1/statuses/{id}/unpin" User("write:accounts") => status_actions::unpin),
    route!(GET "/api/v1/pleroma/statuses/{id}/reactions" Optional("read:statuses") => reactions::index),
    route!(GET "/api/v1/pleroma/statuses/{id}/reactions/{emoji}" Optional("read:statuses") => reactions::show),
    route!(PUT "/api/v1/pleroma/statuses/{id}/reactions/{emoji}" User("write:statuses") => reactions::create),
    route!(DELETE "/api/v1/pleroma/statuses/{id}/reactions/{emoji}" User("write:statuses") => reactions::destroy),
    route!(POST "/api/v1/statuses/{id}/react/{emoji}" User("write:favourites") => reactions::create),
    route!(POST "/api/v1/statuses/{id}/unreact/{emoji}" User("write:favourites") => reactions::destroy),
    route!(GET "/api/v1/favourites" User("read:favourites") => timelines::favourites),
    route!(GET "/api/v1/bookmarks" User("read:bookmarks") => timelines::bookmarks),
    route!(GET "/api/v1/scheduled_statuses" User("read:statuses") => scheduled_statuses::index),
    route!(GET "/api/v1/scheduled_statuses/{id}" User("read:statuses") => scheduled_statuses::show),
    route!(PUT | PATCH "/api/v1/scheduled_statuses/{id}" User("write:statuses") => scheduled_statuses::update),
    route!(DELETE "/api/v1/scheduled_statuses/{id}" User("write:statuses") => scheduled_statuses::destroy),
    route!(GET "/api/pouet/v1/statuses/{id}/analytics" User("read:statuses") => analytics::status).cached(Cache::No),
    route!(GET "/api/pouet/v1/analytics/account" User("read:statuses") => analytics::account).cached(Cache::No),
    route!(GET "/api/pouet/v1/drafts" User("read:statuses") => drafts::index),
    route!(POST "/api/pouet/v1/drafts" User("write:statuses") => drafts::create),
    route!(GET "/api/pouet/v1/drafts/{id}" User("read:statuses") => drafts::show),
    route!(PUT | PATCH "/api/pouet/v1/drafts/{id}" User("write:statuses") => drafts::update),
    route!(DELETE "/api/pouet/v1/drafts/{id}" User("write:statuses") => drafts::destroy),
    route!(POST "/api/pouet/v1/drafts/{id}/publish" User("write:statuses") => drafts::publish)
        .counted(Bucket::Statuses),
    // Media and polls
    route!(POST "/api/v1/media" User("write:media") => media::create_v1)
        .uploads()
        .counted(Bucket::Media),
    route!(POST "/api/v2/media" User("write:media") => media::create)
        .uploads()
        .counted(Bucket::Media),
    route!(GET "/api/v1/media/{id}" User("write:media") => media::show),
    route!(PUT | PATCH "/api/v1/media/{id}" User("write:media") => media::update).uploads(),
    route!(DELETE "/api/v1/media/{id}" User("write:media") => media::destroy),
    route!(GET "/api/v1/polls/{id}" Optional("read:statuses") => polls::show),
    route!(POST "/api/v1/polls/{id}/votes" User("write:statuses") => polls::vote),
    // Timelines
    route!(GET "/api/v1/timelines/home" User("read:statuses") => timelines::home),
    route!(GET "/api/v1/timelines/public" Optional("read:statuses") => timelines::public),
    route!(GET "/api/v1/timelines/tag/{hashtag}" Optional("read:statuses") => timelines::tag),
    route!(GET "/api/v1/timelines/link" Optional("read:statuses") => timelines::link),
    route!(GET "/api/v1/timelines/list/{list_id}" User("read:lists") => timelines::list),
    route!(GET "/api/v1/conversations" User("read:statuses") => conversations::index),
    route!(DELETE "/api/v1/conversations/{id}" User("write:conversations") => conversations::destroy),
    route!(POST "/api/v1/conversations/{id}/read" User("write:conversations") => conversations::read),
    route!(POST "/api/v1/conversations/{id}/unread" User("write:conversations") => conversations::unread),
    route!(GET "/api/v1/markers" User("read:statuses") => markers::index),
    route!(POST "/api/v1/markers" User("write:statuses") => markers::create),
    route!(GET "/api/v2/search" Optional("read:search") => search::index),
    // Announcements
    route!(GET "/api/v1/announcements" User() => announcements::index),
    route!(POST "/api/v1/announcements/{id}/dismiss" User("write:accounts") => announcements::dismiss),
    route!(PUT | PATCH "/api/v1/announcements/{id}/reactions/{name}" User("write:favourites")
        => announcements::react),
    route!(DELETE "/api/v1/announcements/{id}/reactions/{name}" User("write:favourites")
        => announcements::unreact),
    // Trends
    route!(GET "/api/v1/trends" Optional() => trends::tags)
        .cached(Cache::Long)
        .deprecated(SINCE_3_5),
    route!(GET "/api/v1/trends/tags" Optional() => trends::tags).cached(Cache::Long),
    route!(GET "/api/v1/trends/statuses" Optional() => trends::statuses),
    route!(GET "/api/v1/trends/links" Optional() => trends::links).cached(Cache::Long),
    route!(GET "/api/v1/admin/trends/tags" User("admin:read") => admin_trends::tags),
    route!(POST "/api/v1/admin/trends/tags/{id}/approve" User("admin:write") => admin_trends::approve_tag),
    route!(POST "/api/v1/admin/trends/tags/{id}/reject" User("admin:write") => admin_trends::reject_tag),
    route!(GET "/api/v1/admin/trends/statuses" User("admin:read") => admin_trends::statuses),
    route!(POST "/api/v1/admin/trends/statuses/{id}/approve" User("admin:write") => admin_trends::approve_status),
    route!(POST "/api/v1/admin/trends/statuses/{id}/reject" User("admin:write") => admin_trends::reject_status),
    route!(GET "/api/v1/admin/trends/links" User("admin:read") => admin_trends::links),
    route!(POST "/api/v1/admin/trends/links/{id}/approve" User("admin:write") => admin_trends::approve_link),
    route!(POST "/api/v1/admin/trends/links/{id}/reject" User("admin:write") => admin_trends::reject_link),
    route!(GET "/api/v1/admin/trends/links/publishers" User("admin:read") => admin_trends::publishers),
    route!(POST "/api/v1/admin/trends/links/publishers/{id}/approve" User("admin:write")
        => admin_trends::approve_publisher),
    route!(POST "/api/v1/admin/trends/links/publishers/{id}/reject" User("admin:write")
        => admin_trends::reject_publisher),
    route!(GET "/api/v1/admin/tags" User("admin:read") => admin_tags::list),
    route!(GET "/api/v1/admin/tags/{id}" User("admin:read") => admin_tags::find),
    route!(PUT | PATCH "/api/v1/admin/tags/{id}" User("admin:write") => admin_tags::update),
    // Pouet's own
    route!(GET "/api/pouet/v1/openapi.json" Public => own::openapi).cached(Cache::Long),
    route!(GET "/api/pouet/v1/trends/followed/tags" User("read:statuses") => own::followed_tags),
    route!(GET "/api/pouet/v1/trends/followed/statuses" User("read:statuses") => own::followed_statuses),
    route!(GET "/api/pouet/v1/trends/followed/links" User("read:statuses") => own::followed_links),
    route!(GET "/api/pouet/v1/admin/trends/exclusions" User("admin:read") => own::exclusions),
    // Saved searches
    route!(GET "/api/pouet/v1/saved_searches" User("read:search") => saved_searches::index),
    route!(POST "/api/pouet/v1/saved_searches" User("write:lists") => saved_searches::create),
    route!(GET "/api/pouet/v1/saved_searches/{id}" User("read:search") => saved_searches::show),
    route!(PUT | PATCH "/api/pouet/v1/saved_searches/{id}" User("write:lists") => saved_searches::update),
    route!(DELETE "/api/pouet/v1/saved_searches/{id}" User("write:lists") => saved_searches::destroy),
    route!(POST "/api/pouet/v1/saved_searches/{id}/reset_feed" User("write:lists") => saved_searches::reset_feed),
    route!(GET "/api/pouet/v1/saved_searches/{id}/timeline" User("read:search") => saved_searches::timeline),
    // Lists
    route!(GET "/api/v1/lists" User("read:lists") => lists::index),
    route!(POST "/api/v1/lists" User("write:lists") => lists::create),
    route!(GET "/api/v1/lists/{id}" User("read:lists") => lists::show),
    route!(PUT | PATCH "/api/v1/lists/{id}" User("write:lists") => lists::update),
    route!(DELETE "/api/v1/lists/{id}" User("write:lists") => lists::destroy),
    route!(GET "/api/v1/lists/{id}/accounts" User("read:lists") => lists::accounts),
    route!(POST "/api/v1/lists/{id}/accounts" User("write:lists") => lists::add_accounts),
    route!(DELETE "/api/v1/lists/{id}/accounts" User("write:lists") => lists::remove_accounts),
    // Collections
    route!(GET "/api/v1/accounts/{account_id}/collections" Optional("read:collections") => collections::index),
    route!(GET "/api/v1/accounts/{account_id}/in_collections" User("read:collections") => collections::featuring),
    route!(POST "/api/v1/collections" User("write:collections") => collections::create),
    route!(GET "/api/v1/collections/{id}" Optional("read:collections") => collections::show),
    route!(PATCH | PUT "/api/v1/collections/{id}" User("write:collections") => collections::update),
    route!(DELETE "/api/v1/collections/{id}" User("write:collections") => collections::destroy),
    route!(POST "/api/v1/collections/{collection_id}/items" User("write:collections") => collections::add_item),
    route!(DELETE "/api/v1/collections/{collection_id}/items/{id}" User("write:collections") => collections::destroy_item),
    route!(POST "/api/v1/collections/{collection_id}/items/{id}/revoke" User("write:collections") => collections::revoke_item),
    route!(GET "/api/v1_alpha/accounts/{account_id}/collections" Optional("read:collections") => collections::index).deprecated(SINCE_4_6),
    route!(GET "/api/v1_alpha/accounts/{account_id}/in_collections" User("read:collections") => collections::featuring).deprecated(SINCE_4_6),
    route!(POST "/api/v1_alpha/collections" User("write:collections") => collections::create).deprecated(SINCE_4_6),
    route!(GET "/api/v1_alpha/collections/{id}" Optional("read:collections") => collections::show).deprecated(SINCE_4_6),
    route!(PATCH | PUT "/api/v1_alpha/collections/{id}" User("write:collections") => collections::update).deprecated(SINCE_4_6),
    route!(DELETE "/api/v1_alpha/collections/{id}" User("write:collections") => collections::destroy).deprecated(SINCE_4_6),
    route!(POST "/api/v1_alpha/collections/{collection_id}/items" User("write:collections") => collections::add_item).deprecated(SINCE_4_6),
    route!(DELETE "/api/v1_alpha/collections/{collection_id}/items/{id}" User("write:collections") => collections::destroy_item).deprecated(SINCE_4_6),
    route!(POST "/api/v1_alpha/collections/{collection_id}/items/{id}/revoke" User("write:collections") => collections::revoke_item).deprecated(SINCE_4_6),
    // Filters
    route!(GET "/api/v1/filters" User("read:filters") => filters_v1::index).deprecated(SINCE_4_0),
    route!(POST "/api/v1/filters" User("write:filters") => filters_v1::create).deprecated(SINCE_4_0),
    route!(GET "/api/v1/filters/{id}" User("read:filters") => filters_v1::show).deprecated(SINCE_4_0),
    route!(PUT | PATCH "/api/v1/filters/{id}" User("write:filters") => filters_v1::update)
        .deprecated(SINCE_4_0),
    route!(DELETE "/api/v1/filters/{id}" User("write:filters") => filters_v1::destroy).deprecated(SINCE_4_0),
    route!(GET "/api/v2/filters" User("read:filters") => filters_v2::index),
    route!(POST "/api/v2/filters" User("write:filters") => filters_v2::create),
    route!(GET "/api/v2/filters/{id}" User("read:filters") => filters_v2::show),
    route!(PUT | PATCH "/api/v2/filters/{id}" User("write:filters") => filters_v2::update),
    route!(DELETE "/api/v2/filters/{id}" User("write:filters") => filters_v2::destroy),
    route!(GET "/api/v2/filters/{filter_id}/keywords" User("read:filters") => filters_v2::keywords),
    route!(POST "/api/v2/filters/{filter_id}/keywords" User("write:filters") => filters_v2::add_keyword),
    route!(GET "/api/v2/filters/{filter_id}/statuses" User("read:filters") => filters_v2::statuses),
    route!(POST "/api/v2/filters/{filter_id}/statuses" User("write:filters") => filters_v2::add_status),
    route!(GET "/api/v2/filters/keywords/{id}" User("read:filters") => filters_v2::show_keyword),
    route!(PUT | PATCH "/api/v2/filters/keywords/{id}" User("write:filters") => filters_v2::update_keyword),
    route!(DELETE "/api/v2/filters/keywords/{id}" User("write:filters") => filters_v2::delete_keyword),
    route!(GET "/api/v2/filters/statuses/{id}" User("read:filters") => filters_v2::show_status),
    route!(DELETE "/api/v2/filters/statuses/{id}" User("write:filters") => filters_v2::delete_status),
    // Notifications
    route!(GET "/api/v1/notifications" User("read:notifications") => notifications::index),
    route!(GET "/api/v1/notifications/unread_count" User("read:notifications") => notifications::unread_count),
    route!(POST "/api/v1/notifications/clear" User("write:notifications") => notifications::clear),
    route!(GET "/api/v1/notifications/policy" User("read:notifications") => notification_policy::show_v1),
    route!(PUT | PATCH "/api/v1/notifications/policy" User("write:notifications") => notification_policy::update_v1),
    route!(GET "/api/v1/notifications/requests" User("read:notifications") => notification_requests::index),
    route!(POST "/api/v1/notifications/requests/accept" User("write:notifications")
        => notification_requests::accept_all),
    route!(POST "/api/v1/notifications/requests/dismiss" User("write:notifications")
        => notification_requests::dismiss_all),
    route!(GET "/api/v1/notifications/requests/merged" User("read:notifications") => notification_requests::merged),
    route!(GET "/api/v1/notifications/requests/{id}" User("read:notifications") => notification_requests::show),
    route!(POST "/api/v1/notifications/requests/{id}/accept" User("write:notifications")
        => notification_requests::accept),
    route!(POST "/api/v1/notifications/requests/{id}/dismiss" User("write:notifications")
        => notification_requests::dismiss),
    route!(GET "/api/v1/notifications/{id}" User("read:notifications") => notifications::show),
    route!(POST "/api/v1/notifications/{id}/dismiss" User("write:notifications") => notifications::dismiss),
    route!(DELETE "/api/v1/notifications/{id}" User("write:notifications") => notifications::dismiss),
    route!(DELETE "/api/v1/notifications/destroy_multiple" User("write:notifications")
        => notifications::destroy_multiple),
    route!(GET "/api/v2/notifications" User("read:notifications") => grouped_notifications::index),
    route!(GET "/api/v2/notifications/unread_count" User("read:notifications")
        => grouped_notifications::unread_count),
    route!(GET "/api/v2/notifications/policy" User("read:notifications") => notification_policy::show),
    route!(PATCH | PUT "/api/v2/notifications/policy" User("write:notifications") => notification_policy::update),
    route!(POST "/api/v2/notifications/clear" User("write:notifications") => notifications::clear),
    route!(GET "/api/v2/notifications/{group_key}" User("read:notifications") => grouped_notifications::show),
    route!(GET "/api/v2/notifications/{group_key}/accounts" User("read:notifications")
        => grouped_notifications::accounts),
    route!(POST "/api/v2/notifications/{group_key}/dismiss" User("write:notifications")
        => grouped_notifications::dismiss),
];
