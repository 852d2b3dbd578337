"""Tests of qtmail.mime."""
