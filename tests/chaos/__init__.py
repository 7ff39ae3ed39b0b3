"""The proof under chaos: numbered messages, a plan of outages, and a checker that believes nothing but the topics."""
