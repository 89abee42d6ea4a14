export const text = 'before the edit'
