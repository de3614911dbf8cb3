//! Sets of ids in queries.

use diesel::{
    QueryResult,
    backend::Backend,
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, Bool, HasSqlType},
};

/// Most ids in one `IN` list: both databases limit the number of bound values.
const CHUNK: usize = 500;
/// Lengths of `IN` lists.
const LENGTHS: [usize; 5] = [1, 8, 32, 128, CHUNK];

/// The ids as the driver binds them.
pub(crate) fn raw<T: Copy + Into<i64>>(ids: &[T]) -> Vec<i64> {
    ids.iter().map(|id| (*id).into()).collect()
}

/// The ids in portions that fit one query; none for an empty set.
pub(crate) fn chunks<T>(ids: &[T]) -> impl Iterator<Item = &[T]> {
    ids.chunks(CHUNK)
}

/// Whether `column` holds one of `ids`, of which there are at most [`CHUNK`].
///
/// Unlike `eq_any`, which writes as many placeholders as there are ids and has the statement prepared anew for every
/// query, this repeats the last id until the list has one of a few lengths, so that the statement is prepared once.
pub(crate) fn among<C, T: Copy + Into<i64>>(column: C, ids: &[T]) -> Among<C> {
    debug_assert!(ids.len() <= CHUNK, "larger sets go by `chunks`");
    let mut ids = raw(ids);
    if let Some(last) = ids.last().copied() {
        let length = LENGTHS.into_iter().find(|length| *length >= ids.len());
        ids.resize(length.unwrap_or(ids.len()), last);
    }
    Among { column, ids }
}

/// See [`among`].
#[derive(Clone, Debug)]
pub(crate) struct Among<C> {
    column: C,
    ids: Vec<i64>,
}

impl<C> Expression for Among<C> {
    type SqlType = Bool;
}

impl<C, From> AppearsOnTable<From> for Among<C> where C: AppearsOnTable<From> {}

impl<C, From> SelectableExpression<From> for Among<C> where C: SelectableExpression<From> {}

impl<C> ValidGrouping<()> for Among<C> {
    type IsAggregate = is_aggregate::No;
}

impl<C> QueryId for Among<C> {
    type QueryId = ();

    // The text, which depends on the length, identifies the query.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, DB> QueryFragment<DB> for Among<C>
where
    DB: Backend + HasSqlType<BigInt>,
    C: QueryFragment<DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.ids.is_empty() {
            out.push_sql("1 = 0");
            return Ok(());
        }
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (");
        for (index, id) in self.ids.iter().enumerate() {
            if index > 0 {
                out.push_sql(", ");
            }
            out.push_bind_param::<BigInt, i64>(id)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use diesel::{debug_query, prelude::*, sqlite::Sqlite};

    use super::*;
    use crate::schema::accounts;

    fn text(ids: &[i64]) -> String {
        let query = accounts::table
            .filter(among(accounts::id, ids))
            .select(accounts::id);
        debug_query::<Sqlite, _>(&query).to_string()
    }

    #[test]
    fn lists_have_few_lengths() {
        let placeholders = |count: usize| text(&(0..count as i64).collect::<Vec<_>>()).matches('?').count();
        for (count, expected) in [(1, 1), (2, 8), (8, 8), (9, 32), (33, 128), (129, 500), (500, 500)] {
            assert_eq!(placeholders(count), expected, "{count}");
        }
        assert!(
            text(&[3, 5]).contains("[3, 5, 5, 5, 5, 5, 5, 5]"),
            "{}",
            text(&[3, 5])
        );
        assert!(text(&[]).contains("1 = 0"));
    }
}
