//! Tables as Diesel sees them: one description for both databases. Kept equal to the migrations by a test.
#![allow(missing_docs, reason = "the columns are documented in the migrations")]
#![allow(unreachable_pub, reason = "the macro makes everything public")]

diesel::table! {
    settings (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    accounts (id) {
        id -> BigInt,
        username -> Text,
        username_folded -> Text,
        domain -> Text,
        uri -> Nullable<Text>,
        url -> Nullable<Text>,
        actor_type -> Text,
        display_name -> Text,
        display_name_folded -> Text,
        note -> Text,
        note_source -> Text,
        fields -> Text,
        avatar_file -> Nullable<Text>,
        avatar_remote_url -> Nullable<Text>,
        avatar_description -> Text,
        header_file -> Nullable<Text>,
        header_remote_url -> Nullable<Text>,
        header_description -> Text,
        emojis -> Text,
        locked -> Bool,
        discoverable -> Bool,
        indexable -> Bool,
        hide_collections -> Bool,
        memorial -> Bool,
        also_known_as -> Text,
        moved_to_id -> Nullable<BigInt>,
        statuses_count -> BigInt,
        followers_count -> BigInt,
        following_count -> BigInt,
        last_status_at -> Nullable<BigInt>,
        created_at -> BigInt,
        suspended_at -> Nullable<BigInt>,
        silenced_at -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
        inbox_url -> Nullable<Text>,
        shared_inbox_url -> Nullable<Text>,
        outbox_url -> Nullable<Text>,
        followers_url -> Nullable<Text>,
        following_url -> Nullable<Text>,
        featured_url -> Nullable<Text>,
        fetched_at -> Nullable<BigInt>,
        followers_version -> BigInt,
        attribution_domains -> Text,
    }
}

diesel::table! {
    account_keys (key_uri) {
        key_uri -> Text,
        account_id -> BigInt,
        public_key -> Text,
        private_key -> Nullable<Text>,
        refetched_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    retired_keys (id) {
        id -> BigInt,
        account_id -> Nullable<BigInt>,
        key_uri -> Text,
        private_key -> Text,
        retired_at -> BigInt,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        account_id -> BigInt,
        email -> Text,
        email_folded -> Text,
        password_hash -> Nullable<Text>,
        role -> Text,
        confirmed_at -> Nullable<BigInt>,
        approved -> Bool,
        disabled_at -> Nullable<BigInt>,
        sign_up_reason -> Nullable<Text>,
        locale -> Text,
        default_visibility -> Text,
        default_sensitive -> Bool,
        default_language -> Nullable<Text>,
        created_at -> BigInt,
        last_active_at -> Nullable<BigInt>,
        default_quote_policy -> Text,
        count_link_clicks -> Bool,
    }
}

diesel::table! {
    sessions (token_hash) {
        token_hash -> Text,
        user_id -> BigInt,
        csrf_secret -> Text,
        created_at -> BigInt,
        last_used_at -> BigInt,
    }
}

diesel::table! {
    oauth_apps (id) {
        id -> BigInt,
        client_id -> Text,
        client_secret_hash -> Text,
        name -> Text,
        website -> Nullable<Text>,
        redirect_uris -> Text,
        scopes -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    oauth_tokens (id) {
        id -> BigInt,
        token_hash -> Text,
        app_id -> BigInt,
        user_id -> Nullable<BigInt>,
        scopes -> Text,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    oauth_codes (code_hash) {
        code_hash -> Text,
        app_id -> BigInt,
        user_id -> BigInt,
        redirect_uri -> Text,
        scopes -> Text,
        code_challenge -> Nullable<Text>,
        created_at -> BigInt,
        used_at -> Nullable<BigInt>,
        token_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    conversations (id) {
        id -> BigInt,
        uri -> Nullable<Text>,
    }
}

diesel::table! {
    statuses (id) {
        id -> BigInt,
        account_id -> BigInt,
        uri -> Nullable<Text>,
        url -> Nullable<Text>,
        local -> Bool,
        in_reply_to_id -> Nullable<BigInt>,
        in_reply_to_account_id -> Nullable<BigInt>,
        in_reply_to_uri -> Nullable<Text>,
        reblog_of_id -> Nullable<BigInt>,
        conversation_id -> BigInt,
        text -> Text,
        content -> Text,
        spoiler_text -> Text,
        sensitive -> Bool,
        visibility -> Text,
        language -> Nullable<Text>,
        poll_id -> Nullable<BigInt>,
        application_id -> Nullable<BigInt>,
        emojis -> Text,
        has_media -> Bool,
        replies_count -> BigInt,
        reblogs_count -> BigInt,
        favourites_count -> BigInt,
        created_at -> BigInt,
        edited_at -> Nullable<BigInt>,
        backfilled -> Bool,
        quiet -> Bool,
        local_only -> Bool,
        expires_at -> Nullable<BigInt>,
        reblog_of_account_id -> Nullable<BigInt>,
        told -> Bool,
    }
}

diesel::table! {
    idempotency_keys (account_id, key) {
        account_id -> BigInt,
        key -> Text,
        status_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    status_edits (id) {
        id -> BigInt,
        status_id -> BigInt,
        content -> Text,
        text -> Text,
        spoiler_text -> Text,
        sensitive -> Bool,
        poll_options -> Nullable<Text>,
        media -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    mentions (status_id, account_id) {
        status_id -> BigInt,
        account_id -> BigInt,
        silent -> Bool,
        since -> BigInt,
    }
}

diesel::table! {
    tags (id) {
        id -> BigInt,
        name -> Text,
        display_name -> Text,
        usable -> Bool,
        listable -> Bool,
        reviewed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    status_tags (tag_id, status_id) {
        tag_id -> BigInt,
        status_id -> BigInt,
    }
}

diesel::table! {
    media_attachments (id) {
        id -> BigInt,
        account_id -> BigInt,
        status_id -> Nullable<BigInt>,
        position -> BigInt,
        media_type -> Text,
        content_type -> Text,
        file -> Nullable<Text>,
        thumbnail -> Nullable<Text>,
        remote_url -> Nullable<Text>,
        description -> Nullable<Text>,
        blurhash -> Nullable<Text>,
        focus_x -> Nullable<Double>,
        focus_y -> Nullable<Double>,
        width -> Nullable<BigInt>,
        height -> Nullable<BigInt>,
        small_width -> Nullable<BigInt>,
        small_height -> Nullable<BigInt>,
        created_at -> BigInt,
        preview_remote_url -> Nullable<Text>,
        duration_ms -> Nullable<BigInt>,
        frame_rate -> Nullable<BigInt>,
        bitrate -> Nullable<BigInt>,
    }
}

diesel::table! {
    cached_files (file) {
        file -> Text,
        media_id -> Nullable<BigInt>,
        account_id -> Nullable<BigInt>,
        card_id -> Nullable<BigInt>,
        bytes -> BigInt,
        used_at -> BigInt,
        emoji_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    media_trash (file) {
        file -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    polls (id) {
        id -> BigInt,
        status_id -> BigInt,
        account_id -> BigInt,
        multiple -> Bool,
        hide_totals -> Bool,
        expires_at -> Nullable<BigInt>,
        voters_count -> Nullable<BigInt>,
        fetched_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    poll_options (poll_id, position) {
        poll_id -> BigInt,
        position -> BigInt,
        title -> Text,
        votes_count -> BigInt,
    }
}

diesel::table! {
    poll_votes (poll_id, account_id, position) {
        poll_id -> BigInt,
        account_id -> BigInt,
        position -> BigInt,
        uri -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    favourites (id) {
        id -> BigInt,
        account_id -> BigInt,
        status_id -> BigInt,
        uri -> Nullable<Text>,
        created_at -> BigInt,
        author_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    status_reactions (id) {
        id -> BigInt,
        account_id -> BigInt,
        status_id -> BigInt,
        name -> Text,
        domain -> Text,
        image -> Nullable<Text>,
        emoji_uri -> Nullable<Text>,
        uri -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    bookmarks (id) {
        id -> BigInt,
        account_id -> BigInt,
        status_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    status_pins (id) {
        id -> BigInt,
        account_id -> BigInt,
        status_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    featured_tags (id) {
        id -> BigInt,
        account_id -> BigInt,
        tag_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    status_policies (status_id) {
        status_id -> BigInt,
        policy -> Text,
    }
}

diesel::table! {
    status_approvals (status_id) {
        status_id -> BigInt,
        target_id -> BigInt,
        visibility -> Text,
        approved_by -> Nullable<Text>,
    }
}

diesel::table! {
    interaction_defaults (account_id, visibility) {
        account_id -> BigInt,
        visibility -> Text,
        policy -> Text,
    }
}

diesel::table! {
    interaction_requests (id) {
        id -> BigInt,
        account_id -> BigInt,
        target_id -> BigInt,
        actor_id -> BigInt,
        interaction -> Text,
        uri -> Text,
        request_uri -> Nullable<Text>,
        status_id -> Nullable<BigInt>,
        emoji -> Nullable<Text>,
        created_at -> BigInt,
        accepted_at -> Nullable<BigInt>,
        rejected_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    interaction_authorizations (id) {
        id -> BigInt,
        account_id -> BigInt,
        target_id -> BigInt,
        interaction -> Text,
        uri -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    conversation_mutes (account_id, conversation_id) {
        account_id -> BigInt,
        conversation_id -> BigInt,
    }
}

diesel::table! {
    account_conversations (id) {
        id -> BigInt,
        account_id -> BigInt,
        conversation_id -> BigInt,
        participants -> Text,
        last_status_id -> Nullable<BigInt>,
        unread -> Bool,
    }
}

diesel::table! {
    conversation_letters (view_id, status_id) {
        view_id -> BigInt,
        status_id -> BigInt,
    }
}

diesel::table! {
    follows (id) {
        id -> BigInt,
        account_id -> BigInt,
        target_id -> BigInt,
        uri -> Nullable<Text>,
        accepted -> Bool,
        show_reblogs -> Bool,
        notify -> Bool,
        languages -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    blocks (id) {
        id -> BigInt,
        account_id -> BigInt,
        target_id -> BigInt,
        uri -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    account_moves (id) {
        id -> BigInt,
        account_id -> BigInt,
        target_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    reports (id) {
        id -> BigInt,
        account_id -> BigInt,
        target_id -> BigInt,
        category -> Text,
        comment -> Text,
        status_ids -> Text,
        rule_ids -> Text,
        forwarded -> Bool,
        uri -> Nullable<Text>,
        created_at -> BigInt,
        resolved_at -> Nullable<BigInt>,
        collection_ids -> Text,
    }
}

diesel::table! {
    relays (id) {
        id -> BigInt,
        kind -> Text,
        address -> Text,
        inbox_url -> Text,
        account_id -> Nullable<BigInt>,
        state -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    mutes (id) {
        id -> BigInt,
        account_id -> BigInt,
        target_id -> BigInt,
        notifications -> Bool,
        expires_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    account_domain_blocks (id) {
        id -> BigInt,
        account_id -> BigInt,
        domain -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    account_notes (account_id, target_id) {
        account_id -> BigInt,
        target_id -> BigInt,
        comment -> Text,
    }
}

diesel::table! {
    lists (id) {
        id -> BigInt,
        account_id -> BigInt,
        title -> Text,
        replies_policy -> Text,
        exclusive -> Bool,
    }
}

diesel::table! {
    list_accounts (id) {
        id -> BigInt,
        list_id -> BigInt,
        account_id -> BigInt,
    }
}

diesel::table! {
    collections (id) {
        id -> BigInt,
        account_id -> BigInt,
        name -> Text,
        description -> Text,
        language -> Nullable<Text>,
        sensitive -> Bool,
        discoverable -> Bool,
        suggested -> Bool,
        tag_id -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    status_collections (status_id, collection_id) {
        status_id -> BigInt,
        collection_id -> BigInt,
    }
}

diesel::table! {
    collection_items (id) {
        id -> BigInt,
        collection_id -> BigInt,
        account_id -> BigInt,
        state -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    home_feed (account_id, status_id) {
        account_id -> BigInt,
        status_id -> BigInt,
        reblog_of_id -> Nullable<BigInt>,
        author_id -> BigInt,
    }
}

diesel::table! {
    list_feed (list_id, status_id) {
        list_id -> BigInt,
        status_id -> BigInt,
        reblog_of_id -> Nullable<BigInt>,
        author_id -> BigInt,
    }
}

diesel::table! {
    notifications (id) {
        id -> BigInt,
        account_id -> BigInt,
        kind -> Text,
        from_account_id -> BigInt,
        status_id -> Nullable<BigInt>,
        group_key -> Nullable<Text>,
        created_at -> BigInt,
        filtered -> Bool,
        collection_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    notification_policies (account_id) {
        account_id -> BigInt,
        for_not_following -> Text,
        for_not_followers -> Text,
        for_new_accounts -> Text,
        for_private_mentions -> Text,
        for_limited_accounts -> Text,
        for_bots -> Text,
        direct_messages -> Text,
    }
}

diesel::table! {
    notification_permissions (account_id, from_account_id) {
        account_id -> BigInt,
        from_account_id -> BigInt,
        merging -> Bool,
    }
}

diesel::table! {
    notification_requests (id) {
        id -> BigInt,
        account_id -> BigInt,
        from_account_id -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    severances (id) {
        id -> BigInt,
        account_id -> BigInt,
        kind -> Text,
        target_name -> Text,
        followers_count -> BigInt,
        following_count -> BigInt,
        created_at -> BigInt,
        notification_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    markers (account_id, timeline) {
        account_id -> BigInt,
        timeline -> Text,
        last_read_id -> BigInt,
        version -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    filters (id) {
        id -> BigInt,
        account_id -> BigInt,
        title -> Text,
        contexts -> Text,
        action -> Text,
        expires_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    filter_keywords (id) {
        id -> BigInt,
        filter_id -> BigInt,
        keyword -> Text,
        whole_word -> Bool,
    }
}

diesel::table! {
    filter_statuses (id) {
        id -> BigInt,
        filter_id -> BigInt,
        status_id -> BigInt,
    }
}

diesel::table! {
    custom_emojis (id) {
        id -> BigInt,
        shortcode -> Text,
        domain -> Text,
        uri -> Nullable<Text>,
        image -> Text,
        category -> Nullable<Text>,
        visible_in_picker -> Bool,
        updated_at -> BigInt,
        file -> Nullable<Text>,
        still_file -> Nullable<Text>,
    }
}

diesel::table! {
    domain_blocks (id) {
        id -> BigInt,
        domain -> Text,
        severity -> Text,
        reject_media -> Bool,
        reject_reports -> Bool,
        private_comment -> Nullable<Text>,
        public_comment -> Nullable<Text>,
        created_at -> BigInt,
        obfuscate -> Bool,
    }
}

diesel::table! {
    domain_allows (id) {
        id -> BigInt,
        domain -> Text,
        comment -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    restricted_accounts (account_id, kind) {
        account_id -> BigInt,
        kind -> Text,
        since -> BigInt,
    }
}

diesel::table! {
    severed_follows (id) {
        id -> BigInt,
        domain -> Text,
        account_id -> BigInt,
        other_handle -> Text,
        other_uri -> Text,
        outward -> Bool,
        show_reblogs -> Bool,
        notify -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    inbox_activities (id) {
        id -> BigInt,
        uri -> Text,
        signer_uri -> Text,
        recipient_id -> Nullable<BigInt>,
        body -> Text,
        received_at -> BigInt,
        processed_at -> Nullable<BigInt>,
        host -> Text,
        held_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    quarantined_hosts (host) {
        host -> Text,
        since -> BigInt,
        strangers -> BigInt,
        released_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    tombstones (uri) {
        uri -> Text,
        public -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    activities (id) {
        id -> BigInt,
        account_id -> Nullable<BigInt>,
        body -> Text,
        created_at -> BigInt,
        retired_key_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    deliveries (id) {
        id -> BigInt,
        activity_id -> BigInt,
        inbox_url -> Text,
        host -> Text,
        object_uri -> Text,
        attempts -> BigInt,
        next_attempt_at -> BigInt,
        lease_until -> Nullable<BigInt>,
        last_status -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        dead_at -> Nullable<BigInt>,
        created_at -> BigInt,
        farewell -> Bool,
    }
}

diesel::table! {
    hosts (domain) {
        domain -> Text,
        signature_scheme -> Nullable<Text>,
        scheme_at -> Nullable<BigInt>,
        failures -> BigInt,
        failure_days -> Text,
        first_failure_at -> Nullable<BigInt>,
        open_until -> Nullable<BigInt>,
        probe_delay -> Nullable<BigInt>,
        unavailable_since -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        updated_at -> BigInt,
        last_success_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    jobs (id) {
        id -> BigInt,
        kind -> Text,
        payload -> Text,
        dedup_key -> Nullable<Text>,
        run_at -> BigInt,
        attempts -> BigInt,
        lease_until -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        dead_at -> Nullable<BigInt>,
        created_at -> BigInt,
        host -> Nullable<Text>,
    }
}

diesel::table! {
    events (id) {
        id -> BigInt,
        payload -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    scheduled_statuses (id) {
        id -> BigInt,
        account_id -> BigInt,
        draft -> Text,
        idempotency_key -> Nullable<Text>,
        scheduled_at -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    scheduled_media (media_id) {
        media_id -> BigInt,
        scheduled_id -> BigInt,
    }
}

diesel::table! {
    quotes (status_id) {
        status_id -> BigInt,
        account_id -> BigInt,
        quoted_status_id -> Nullable<BigInt>,
        quoted_account_id -> Nullable<BigInt>,
        quoted_uri -> Nullable<Text>,
        state -> Text,
        legacy -> Bool,
        request_id -> Nullable<BigInt>,
        stamp_uri -> Nullable<Text>,
        stamp_id -> Nullable<BigInt>,
        created_at -> BigInt,
        checked_at -> BigInt,
    }
}

diesel::table! {
    quote_stamps (id) {
        id -> BigInt,
        account_id -> BigInt,
        status_id -> BigInt,
        quoting_uri -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    quote_policies (status_id) {
        status_id -> BigInt,
        automatic -> Text,
        manual -> Text,
    }
}

diesel::table! {
    thread_fetches (status_id) {
        status_id -> BigInt,
        started_at -> BigInt,
        finished_at -> Nullable<BigInt>,
        result_count -> BigInt,
    }
}

diesel::table! {
    outbox_reads (account_id) {
        account_id -> BigInt,
        read_at -> BigInt,
    }
}

diesel::table! {
    preview_cards (id) {
        id -> BigInt,
        url -> Text,
        state -> Text,
        title -> Text,
        description -> Text,
        language -> Nullable<Text>,
        author_name -> Text,
        author_url -> Text,
        author_account_id -> Nullable<BigInt>,
        provider_name -> Text,
        provider_url -> Text,
        page_host -> Text,
        image_file -> Nullable<Text>,
        image_url -> Nullable<Text>,
        image_description -> Text,
        image_width -> Nullable<BigInt>,
        image_height -> Nullable<BigInt>,
        blurhash -> Nullable<Text>,
        published_at -> Nullable<BigInt>,
        checked_at -> Nullable<BigInt>,
        failures -> BigInt,
        created_at -> BigInt,
        has_player -> Bool,
    }
}

diesel::table! {
    status_cards (status_id) {
        status_id -> BigInt,
        card_id -> BigInt,
        url -> Text,
    }
}

diesel::table! {
    endorsements (id) {
        id -> BigInt,
        account_id -> BigInt,
        target_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    suggestion_dismissals (account_id, target_id) {
        account_id -> BigInt,
        target_id -> BigInt,
    }
}

diesel::table! {
    staff_picks (account_id) {
        account_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    announcements (id) {
        id -> BigInt,
        text -> Text,
        content -> Text,
        mentions -> Text,
        tags -> Text,
        statuses -> Text,
        all_day -> Bool,
        starts_at -> Nullable<BigInt>,
        ends_at -> Nullable<BigInt>,
        published_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    announcement_reads (account_id, announcement_id) {
        account_id -> BigInt,
        announcement_id -> BigInt,
    }
}

diesel::table! {
    announcement_reactions (id) {
        id -> BigInt,
        announcement_id -> BigInt,
        name -> Text,
        account_id -> BigInt,
    }
}

diesel::table! {
    user_weeks (week, user_id) {
        week -> BigInt,
        user_id -> BigInt,
    }
}

diesel::table! {
    tag_follows (id) {
        id -> BigInt,
        account_id -> BigInt,
        tag_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    trend_uses (status_id, kind, subject_id) {
        status_id -> BigInt,
        kind -> Text,
        subject_id -> BigInt,
        day -> BigInt,
        scored -> Bool,
    }
}

diesel::table! {
    trend_marks (kind, subject_id, day, account_id) {
        kind -> Text,
        subject_id -> BigInt,
        day -> BigInt,
        account_id -> BigInt,
        domain -> Text,
        uses -> BigInt,
        scored -> BigInt,
        at -> BigInt,
    }
}

diesel::table! {
    trend_days (kind, subject_id, day) {
        kind -> Text,
        subject_id -> BigInt,
        day -> BigInt,
        uses -> BigInt,
        accounts -> BigInt,
    }
}

diesel::table! {
    trend_scores (kind, subject_id) {
        kind -> Text,
        subject_id -> BigInt,
        potential -> Double,
        broad -> Bool,
    }
}

diesel::table! {
    trend_lists (kind, position) {
        kind -> Text,
        position -> BigInt,
        subject_id -> BigInt,
        score -> Double,
        allowed -> Bool,
    }
}

diesel::table! {
    trend_reviews (kind, subject_id) {
        kind -> Text,
        subject_id -> BigInt,
        trendable -> Bool,
        reviewed_at -> BigInt,
    }
}

diesel::table! {
    trend_exclusions (kind, subject_id) {
        kind -> Text,
        subject_id -> BigInt,
        reason -> Text,
        accounts -> BigInt,
        suspects -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    publishers (id) {
        id -> BigInt,
        domain -> Text,
        trendable -> Nullable<Bool>,
        reviewed_at -> Nullable<BigInt>,
        requested_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    alerts (id) {
        id -> BigInt,
        kind -> Text,
        about -> Text,
        subject_id -> BigInt,
        reason -> Text,
        people -> BigInt,
        suspects -> BigInt,
        usual -> BigInt,
        created_at -> BigInt,
        resolved_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    status_reads (status_id, day) {
        status_id -> BigInt,
        day -> BigInt,
        impressions -> BigInt,
        detail_openings -> BigInt,
        media_engagements -> BigInt,
        profile_clicks -> BigInt,
        link_clicks -> BigInt,
        account_id -> BigInt,
    }
}

diesel::table! {
    drafts (id) {
        id -> BigInt,
        account_id -> BigInt,
        draft -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    draft_media (draft_id, media_id) {
        draft_id -> BigInt,
        media_id -> BigInt,
    }
}

diesel::table! {
    saved_searches (id) {
        id -> BigInt,
        account_id -> BigInt,
        name -> Text,
        query -> Text,
        feed_token -> Text,
        feed_hash -> Text,
        created_at -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    saved_searches,
    status_reads,
    drafts,
    draft_media,
    tag_follows,
    trend_uses,
    trend_marks,
    trend_days,
    trend_scores,
    trend_lists,
    trend_reviews,
    trend_exclusions,
    publishers,
    alerts,
    endorsements,
    suggestion_dismissals,
    staff_picks,
    announcements,
    announcement_reads,
    announcement_reactions,
    user_weeks,
    preview_cards,
    status_cards,
    quotes,
    quote_stamps,
    quote_policies,
    scheduled_statuses,
    scheduled_media,
    thread_fetches,
    outbox_reads,
    settings,
    accounts,
    account_keys,
    retired_keys,
    users,
    sessions,
    oauth_apps,
    oauth_tokens,
    oauth_codes,
    conversations,
    statuses,
    idempotency_keys,
    status_edits,
    mentions,
    tags,
    status_tags,
    media_attachments,
    cached_files,
    media_trash,
    polls,
    poll_options,
    poll_votes,
    favourites,
    status_reactions,
    bookmarks,
    status_pins,
    featured_tags,
    status_policies,
    status_approvals,
    interaction_defaults,
    interaction_requests,
    interaction_authorizations,
    conversation_mutes,
    account_conversations,
    conversation_letters,
    follows,
    blocks,
    account_moves,
    reports,
    relays,
    mutes,
    account_domain_blocks,
    account_notes,
    lists,
    list_accounts,
    collections,
    collection_items,
    status_collections,
    home_feed,
    list_feed,
    notifications,
    notification_policies,
    notification_permissions,
    notification_requests,
    severances,
    markers,
    filters,
    filter_keywords,
    filter_statuses,
    custom_emojis,
    domain_blocks,
    domain_allows,
    restricted_accounts,
    severed_follows,
    inbox_activities,
    quarantined_hosts,
    tombstones,
    activities,
    deliveries,
    hosts,
    jobs,
    events,
);
