-- Emoji of other servers have rows as well (domain: not ''), by which the proxy finds their pictures. file and
-- still_file: the copies of the picture and of its first frame; the same where nothing moves, NULL until somebody looks.
-- updated_at of these: when their server changed them, as it says; 0 if it does not.
ALTER TABLE custom_emojis ADD COLUMN file TEXT;
ALTER TABLE custom_emojis ADD COLUMN still_file TEXT;
CREATE INDEX custom_emojis_domain ON custom_emojis (domain);
ALTER TABLE cached_files ADD COLUMN emoji_id INTEGER REFERENCES custom_emojis (id) ON DELETE SET NULL;
CREATE INDEX cached_files_emoji ON cached_files (emoji_id);

-- Those that are in use already. Own emoji have far larger ids.
INSERT INTO custom_emojis (id, shortcode, domain, uri, image, category, visible_in_picker, updated_at)
SELECT ROW_NUMBER() OVER (ORDER BY domain, shortcode), shortcode, domain, MAX(uri), MAX(image), NULL, FALSE, 0
FROM (
    SELECT json_extract(tag.value, '$.shortcode') AS shortcode, json_extract(tag.value, '$.domain') AS domain,
        json_extract(tag.value, '$.uri') AS uri, json_extract(tag.value, '$.image') AS image
    FROM statuses, json_each(statuses.emojis) AS tag
    WHERE statuses.emojis <> '[]'
    UNION ALL
    SELECT json_extract(tag.value, '$.shortcode'), json_extract(tag.value, '$.domain'),
        json_extract(tag.value, '$.uri'), json_extract(tag.value, '$.image')
    FROM accounts, json_each(accounts.emojis) AS tag
    WHERE accounts.emojis <> '[]'
    UNION ALL
    SELECT name, domain, emoji_uri, image FROM status_reactions WHERE image IS NOT NULL
) AS used
WHERE domain IS NOT NULL AND domain <> '' AND image <> ''
GROUP BY domain, shortcode;
