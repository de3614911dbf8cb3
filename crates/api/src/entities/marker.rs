//! <https://docs.joinmastodon.org/entities/Marker/>

use std::collections::BTreeMap;

use pouet_model::notification::Marker as Model;
use serde::Serialize;

use super::time::Iso;

/// How far a timeline was read.
#[derive(Serialize)]
pub(crate) struct Marker {
    last_read_id: String,
    version: i64,
    updated_at: Iso,
}

/// Markers by timeline; timelines without one are left out.
pub(crate) fn by_timeline(markers: &[Model]) -> BTreeMap<&str, Marker> {
    markers
        .iter()
        .map(|marker| {
            let shown = Marker {
                last_read_id: marker.last_read_id.to_string(),
                version: marker.version,
                updated_at: Iso(marker.updated_at),
            };
            (marker.timeline.as_str(), shown)
        })
        .collect()
}
