"""The suite tried on broken implementations: who they are, their runs, what the runs mean, and the document about it."""
