package import TemporisAPI

/// What a prediction answers, and its share of the memory that answers may take.
package struct Answer: Sendable {
  /// The header, then the trajectories.
  package let messages: [Temporis_Predict_V1_PredictResponse]
  let share: AnswerBudget.Share
}
