"""The Telegram channel: a bot that customers write to in private. aiogram is behind `api`, and nowhere else."""
