/// The operator publishes data profiles one by one.
///
/// Before, every data profile of the operator's account was public. Which account that is, the schema doesn't know: no
/// profile is public until the operator publishes it.
enum Migration007 {
  static let sql = """
    ALTER TABLE data_profile ADD COLUMN published boolean NOT NULL DEFAULT false;
    GRANT UPDATE (published) ON data_profile TO temporis_predict;
    """
}
