//! Sets of ids in queries.

/// Most ids in one `IN` list: both databases limit the number of bound values.
const CHUNK: usize = 500;

/// The ids as the driver binds them.
pub(crate) fn raw<T: Copy + Into<i64>>(ids: &[T]) -> Vec<i64> {
    ids.iter().map(|id| (*id).into()).collect()
}

/// The ids in portions that fit one query; none for an empty set.
pub(crate) fn chunks<T>(ids: &[T]) -> impl Iterator<Item = &[T]> {
    ids.chunks(CHUNK)
}
