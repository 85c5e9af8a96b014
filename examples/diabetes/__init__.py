"""How well can the course of diabetes be predicted, and from what? An analysis whose steps everfresh memoizes."""
