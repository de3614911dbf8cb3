//! Pages of relations (follows, blocks, mutes...), which are keyed by the relation's own id.

/// Reads a boxed query by page on its id, newest first. Rows are whatever the query selects.
macro_rules! relation_page {
    ($conn:expr, $page:expr, $query:expr, $id:expr) => {{
        let page: &pouet_model::page::Page = $page;
        let mut query = $query.limit(page.limit);
        if let Some(max) = page.max_id {
            query = query.filter($id.lt(max));
        }
        if let Some(min) = page.lower() {
            query = query.filter($id.gt(min));
        }
        query = if page.is_ascending() {
            query.order($id.asc())
        } else {
            query.order($id.desc())
        };
        let mut rows = query.load($conn)?;
        if page.is_ascending() {
            rows.reverse();
        }
        rows
    }};
}
pub(crate) use relation_page;
