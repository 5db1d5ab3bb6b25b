"""Knowledge distillation: soft targets, a teacher, students and what they learn."""
