-- Emoji of other servers have rows as well (domain: not ''), by which the proxy finds their pictures. file and
-- still_file: the copies of the picture and of its first frame; the same where nothing moves, NULL until somebody looks.
-- updated_at of these: when their server changed them, as it says; 0 if it does not.
ALTER TABLE custom_emojis ADD COLUMN file TEXT;
ALTER TABLE custom_emojis ADD COLUMN still_file TEXT;
CREATE INDEX custom_emojis_domain ON custom_emojis (domain);
ALTER TABLE cached_files ADD COLUMN emoji_id BIGINT REFERENCES custom_emojis (id) ON DELETE SET NULL;
CREATE INDEX cached_files_emoji ON cached_files (emoji_id);

-- Those that are in use already. Own emoji have far larger ids.
INSERT INTO custom_emojis (id, shortcode, domain, uri, image, category, visible_in_picker, updated_at)
SELECT ROW_NUMBER() OVER (ORDER BY domain, shortcode), shortcode, domain, MAX(uri), MAX(image), NULL, FALSE, 0
FROM (
    SELECT tag ->> 'shortcode' AS shortcode, tag ->> 'domain' AS domain, tag ->> 'uri' AS uri, tag ->> 'image' AS image
    FROM statuses, jsonb_array_elements(statuses.emojis::jsonb) AS tag
    WHERE statuses.emojis <> '[]'
    UNION ALL
    SELECT tag ->> 'shortcode', tag ->> 'domain', tag ->> 'uri', tag ->> 'image'
    FROM accounts, jsonb_array_elements(accounts.emojis::jsonb) AS tag
    WHERE accounts.emojis <> '[]'
    UNION ALL
    SELECT name, domain, emoji_uri, image FROM status_reactions WHERE image IS NOT NULL
) AS used
WHERE domain IS NOT NULL AND domain <> '' AND image <> ''
GROUP BY domain, shortcode;
