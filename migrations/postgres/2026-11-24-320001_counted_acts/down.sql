DELETE FROM trend_uses WHERE kind = 'status';
