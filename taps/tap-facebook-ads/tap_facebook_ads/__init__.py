"""Singer tap for Facebook Ads, on the Marketing API."""

from __future__ import annotations
